# Completes vs in fish: vs completion fish > ~/.config/fish/completions/vs.fish

function __vs_complete
    set -l current (commandline -ct)
    set -l words (commandline -opc) "$current"
    set -l found ($words[1] __complete fish $words[2..-1] 2>/dev/null)
    set -l option (string match -r '^--[^=]*=' -- "$current")
    set -l start (string replace -r '^--[^=]*=' '' -- "$current")
    switch "$found[1]"
        case files
            printf "$option%s\n" (__fish_complete_path "$start")
        case folders
            printf "$option%s\n" (__fish_complete_directories "$start" '')
        case words
            printf '%s\n' $found[2..-1]
    end
end

complete -c vs -f -k -a '(__vs_complete)'
