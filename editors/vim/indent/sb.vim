" Indents SB as `sbpc fmt` does: a step for each open bracket, and one for the lines that go on with a statement.
if exists('b:did_indent')
  finish
endif
let b:did_indent = 1
setlocal indentexpr=SbIndent(v:lnum) indentkeys=0{,0},0),!^F,o,O,e autoindent
let b:undo_indent = 'setlocal indentexpr< indentkeys< autoindent<'
if exists('*SbIndent')
  finish
endif

let s:item = '^\(import\|const\|group\|syscall\|rules\|unsafe\|policy\|param\|runtime\|test\)\>'
let s:block = '^\s*\(\(unsafe\s\+\)\?\(rules\|policy\|test\|on\|if\|else\)\>\|override\s*$\)'

" The line without what is in strings and comments; [text, whether a block comment is open after it].
function! s:Code(text, in_comment) abort
  let rest = a:text
  let code = ''
  let in_comment = a:in_comment
  while rest !=# ''
    if in_comment
      let end = stridx(rest, '*/')
      if end < 0
        return [code, 1]
      endif
      let rest = strpart(rest, end + 2)
      let in_comment = 0
      continue
    endif
    let found = match(rest, '"\|//\|/\*')
    if found < 0
      return [code . rest, 0]
    endif
    let code .= strpart(rest, 0, found)
    let rest = strpart(rest, found)
    if rest[0] ==# '"'
      let rest = substitute(rest, '^"\([^"\\]\|\\.\)*"\?', '', '')
      let code .= '""'
    elseif rest[1] ==# '/'
      return [code, 0]
    else
      let rest = strpart(rest, 2)
      let in_comment = 1
    endif
  endwhile
  return [code, in_comment]
endfunction

" What stands open behind a line; kept for the next call, which asks about the next line when a whole file is indented.
" open: for each bracket [indent to come back to, whether statements stand in it, the statement before it, its indent]
" head, begin: the statement so far, and the indent of the line where it began
let s:behind = {'buffer': 0}

function! s:Take(lnum) abort
  let state = s:behind
  let text = getline(a:lnum)
  call add(state.lines, text)
  let [code, state.in_comment] = s:Code(text, state.in_comment)
  if a:lnum == 1 && code =~# '^#!'
    return
  endif
  for part in split(substitute(code, '[{}();]', "\n&\n", 'g'), "\n")
    if part ==# '{' || part ==# '('
      let is_block = part ==# '{' && state.head =~# s:block
      call add(state.open, [is_block ? state.begin : indent(a:lnum), is_block, state.head, state.begin])
      let state.head = ''
    elseif part ==# '}' || part ==# ')'
      if !empty(state.open)
        let [_, is_block, before, state.begin] = remove(state.open, -1)
        let state.head = is_block || (part ==# '}' && before =~# '^\s*frequency\>') ? '' : before . 'x'
      endif
    elseif part ==# ';'
      let state.head = ''
    elseif state.head =~# '\S' || part =~# '\S'
      let state.begin = state.head =~# '\S' ? state.begin : indent(a:lnum)
      let state.head .= part
    endif
  endfor
  let state.head .= state.head ==# '' ? '' : "\n"
endfunction

" Brings s:behind to the end of that line, from the beginning of the item around it at most.
function! s:GoTo(lnum) abort
  let known = s:behind.buffer == bufnr('') && s:behind.last <= a:lnum ? s:behind.last : 0
  let first = a:lnum
  while first > max([known, 1]) && getline(first) !~# s:item
    let first -= 1
  endwhile
  if known == 0 || first > known || getline(s:behind.first, known) !=# s:behind.lines
    while first > 1 && getline(first) !~# s:item
      let first -= 1
    endwhile
    let first = max([first, 1])
    let s:behind = {'buffer': bufnr(''), 'first': first, 'last': first - 1, 'lines': [], 'open': [], 'head': '', 'begin': 0, 'in_comment': 0}
  endif
  for lnum in range(s:behind.last + 1, a:lnum)
    call s:Take(lnum)
  endfor
  let s:behind.last = a:lnum
endfunction

function! SbIndent(lnum) abort
  call s:GoTo(a:lnum - 1)
  let [open, head, in_comment] = [s:behind.open, s:behind.head, s:behind.in_comment]
  if in_comment
    return -1
  endif
  let text = getline(a:lnum)
  if text =~# '^\s*[})]'
    return empty(open) ? 0 : open[-1][0]
  endif
  let base = empty(open) ? 0 : open[-1][0] + shiftwidth()
  let goes_on = (empty(open) || open[-1][1]) && head =~# '\S' && text !~# '^\s*\%(//\|$\)'
  " A condition that began on a line of its own goes on.
  let operator = !empty(open) && !open[-1][1] && head =~# ',\s*\n' && text =~# '^\s*[|&+*<>=-]'
  return base + (goes_on || operator ? shiftwidth() : 0)
endfunction
