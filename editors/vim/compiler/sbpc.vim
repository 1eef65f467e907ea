" :compiler sbpc, then :make checks the policy of the buffer, and :cnext goes to what sbpc said.
if exists('current_compiler')
  finish
endif
let current_compiler = 'sbpc'
if exists(':CompilerSet') != 2
  command -nargs=* CompilerSet setlocal <args>
endif
CompilerSet makeprg=sbpc\ check\ --error-format\ short\ --color\ never\ --\ %:S
CompilerSet errorformat=%f:%l:%c:\ %trror:\ %m,%f:%l:%c:\ %tarning:\ %m,%f:%l:%c:\ %tote:\ %m,%f:%l:%c:\ %tnfo:\ %m
