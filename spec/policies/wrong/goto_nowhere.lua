-- POLICY:3: no visible label 'done' for <goto> at line 2
goto done
