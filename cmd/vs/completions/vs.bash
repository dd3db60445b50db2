# shellcheck shell=bash
# Completes vs in bash: source <(vs completion bash)

_vs() {
  local program=${1/#\~/$HOME} current=${COMP_WORDS[COMP_CWORD]} found=() word
  mapfile -t found < <("$program" __complete bash "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  [[ $current != = ]] || current=
  COMPREPLY=()
  case ${found[0]:-words} in
    files)
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      ;;
    folders)
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -d -- "$current")
      ;;
    words)
      for word in "${found[@]:1}"; do
        COMPREPLY+=("$(printf '%q' "$word")")
      done
      ;;
  esac
}

complete -F _vs vs
