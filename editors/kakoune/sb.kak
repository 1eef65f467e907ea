# SB, the seccomp policy language of sbpc, in Kakoune: source this file from kakrc. With kak-lsp, in its kak-lsp.toml:
#
#   [language_server.sbpc]
#   filetypes = ["sb"]
#   roots = [".git"]
#   command = "sbpc"
#   args = ["lsp"]
#
# `.sb` is also the ending of Apple Seatbelt profiles: those begin with `(` or `;` and are left alone.

hook global BufCreate .*[.]sb %{
    evaluate-commands -draft %{
        try %{
            execute-keys 'gg/\A\s*[(;]<ret>'
        } catch %{
            set-option buffer filetype sb
        }
    }
}

hook global WinSetOption filetype=sb %{
    require-module sb
    set-option buffer comment_line '//'
    set-option buffer comment_block_begin '/*'
    set-option buffer comment_block_end '*/'
    set-option buffer indentwidth 2
    set-option buffer formatcmd 'sbpc fmt -'
    set-option buffer makecmd 'sbpc check --error-format short --'
    add-highlighter window/sb ref sb
    hook -once -always window WinSetOption filetype=.* %{ remove-highlighter window/sb }
}

provide-module sb %§

add-highlighter shared/sb regions
add-highlighter shared/sb/code default-region group
add-highlighter shared/sb/string region '"' (?<!\\)(\\\\)*("|$) fill string
add-highlighter shared/sb/doc region '///(?!/)' $ fill documentation
add-highlighter shared/sb/line region '//' $ fill comment
add-highlighter shared/sb/block region '/\*' '\*/' fill comment

# ---- words: begin (written by tools/gen_editors.py) ----
add-highlighter shared/sb/code/ regex (?<![.@$])\b(?:import|as|const|group|syscall|rules|unsafe|policy|param|runtime|test|for|with|expect|on|if|else|except|fallback|require|use|override|assert|never|default|foreign|kernel|newer|install|frequency)\b(?!:)(?!\.\w) 0:keyword
add-highlighter shared/sb/code/ regex (?<![.@$])\b(?:allow|log|notify|trace|errno|trap|kill_thread|kill_process)\b(?!:)(?!\.\w) 0:builtin
add-highlighter shared/sb/code/ regex (?<![.@$])\b(?:in|has|any|lacks|only)\b(?!:)(?!\.\w) 0:operator
add-highlighter shared/sb/code/ regex (?<![.@$])\b(?:true|false)\b(?!:)(?!\.\w) 0:value
add-highlighter shared/sb/code/ regex (?<![.@$])\b(?:_IO|_IOR|_IOW|_IOWR)\b(?!:)(?!\.\w) 0:function
add-highlighter shared/sb/code/ regex (?<![.@$])\b(?:u8|u16|u32|u64|i8|i16|i32|i64)\b(?!:)(?!\.\w) 0:type
add-highlighter shared/sb/code/ regex (?<![\w$])(?:[0-9]+\.[0-9]+(?:\.[0-9]+)?|0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|0|[1-9][0-9_]*)\b 0:value
add-highlighter shared/sb/code/ regex !=|&&|\.\.|<<|<=|==|>=|>>|\|\||!|&|\*|\+|-|<|=|>|\||~ 0:operator
# ---- words: end ----
add-highlighter shared/sb/code/ regex (?<!\w)'[^'\\\n]' 0:value
add-highlighter shared/sb/code/ regex \$[0-5]\b 0:variable
add-highlighter shared/sb/code/ regex @[a-zA-Z_][\w.]* 0:type
add-highlighter shared/sb/code/ regex \b_*[A-Z][A-Z0-9_]+\b 0:value
add-highlighter shared/sb/code/ regex ([a-zA-Z_]\w*)\h*: 1:variable
add-highlighter shared/sb/code/ regex \b(?:policy|rules)\h+([a-zA-Z_]\w*) 1:function

§
