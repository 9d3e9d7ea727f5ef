-- POLICY:2: watch: bad glob "[": a [ is not closed
watch { "[" }
