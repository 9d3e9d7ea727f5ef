# SPDX-License-Identifier: MIT
# Completion of watchio for bash. The program itself tells what may stand there.
_watchio() {
  local line=${COMP_LINE:0:COMP_POINT} words word current
  read -ra words <<<"$line"
  if [[ $line == *[[:blank:]] ]]; then words+=(""); fi
  current=${words[-1]}
  # readline completes only what follows the last of these.
  local before=${current%"${current##*[=:]}"}
  COMPREPLY=()
  while IFS=$'\t' read -r word _; do
    case $word in
      :command*)
        # COMP_WORDS are split at "=", too.
        local first=${word#:command } index
        for ((index = 1; index < first; index++)); do
          if [[ ${COMP_WORDS[index]} == "=" ]]; then ((first += 2)); fi
        done
        if declare -F _command_offset >/dev/null; then _command_offset "$first"; fi
        return
        ;;
      :files)
        compopt -o filenames 2>/dev/null
        while read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$current")
        ;;
      *) COMPREPLY+=("${word#"$before"}") ;;
    esac
  done < <("${1/#\~/$HOME}" complete "${words[@]:1}" 2>/dev/null)
  # A key waits for its value.
  if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -F _watchio watchio
