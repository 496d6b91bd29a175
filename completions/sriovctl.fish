# fish: the program itself is asked what can come next.

function __sriovctl_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    set -e words[1]
    set -l typed (commandline -ct)
    set -l word (string unescape -- $typed)
    or set word $typed
    for line in (command $program complete -- $words "$word" 2>/dev/null)
        set -l value (string replace -r '^-[^=]*=' '' -- "$word")
        set -l option (string replace -r '^(-[^=]*=|).*' '$1' -- "$word")
        switch $line
            case :dirs
                printf '%s\n' $option(__fish_complete_directories "$value")
            case :files
                printf '%s\n' $option(__fish_complete_path "$value")
            case ':*'
            case '*'
                printf '%s\n' $line
        end
    end
end

# -k: in the order in which they come; -f: files only where the program says so
complete -c sriovctl -k -f -a '(__sriovctl_complete)'
