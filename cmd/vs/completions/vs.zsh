#compdef vs
# Completes vs in zsh: vs completion zsh > DIR/_vs, where DIR is in $fpath.

_vs() {
  local -a found
  found=("${(@f)$("${words[1]/#\~/$HOME}" __complete zsh "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  case ${found[1]:-words} in
    files)
      compset -P '--*='
      _files
      ;;
    folders)
      compset -P '--*='
      _files -/
      ;;
    words)
      shift found
      _describe -V vs found
      ;;
  esac
}

if [[ $funcstack[1] == _vs ]]; then
  _vs "$@"
else
  compdef _vs vs
fi
