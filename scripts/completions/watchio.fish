# SPDX-License-Identifier: MIT
# Completion of watchio for fish. The program itself tells what may stand there.
function __watchio_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] complete $words[2..-1] "$current" 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path $current
            case ':command *'
                __fish_complete_subcommand --fcs-skip=(string replace ':command ' '' $line)
            case '*'
                echo $line
        end
    end
end
complete -c watchio -f -a '(__watchio_complete)'
