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

function! SbIndent(lnum) abort
  let first = a:lnum - 1
  while first > 1 && getline(first) !~# s:item
    let first -= 1
  endwhile
  let open = []   " [indent to come back to, whether statements stand in it, the statement before it, its indent]
  let head = ''   " the statement so far, and the indent of the line where it began
  let begin = 0
  let in_comment = 0
  for lnum in range(max([first, 1]), a:lnum - 1)
    let [code, in_comment] = s:Code(getline(lnum), in_comment)
    if lnum == 1 && code =~# '^#!'
      continue
    endif
    for part in split(substitute(code, '[{}();]', "\n&\n", 'g'), "\n")
      if part ==# '{' || part ==# '('
        let is_block = part ==# '{' && head =~# s:block
        call add(open, [is_block ? begin : indent(lnum), is_block, head, begin])
        let head = ''
      elseif part ==# '}' || part ==# ')'
        if !empty(open)
          let [_, is_block, before, begin] = remove(open, -1)
          let head = is_block || (part ==# '}' && before =~# '^\s*frequency\>') ? '' : before . 'x'
        endif
      elseif part ==# ';'
        let head = ''
      elseif head =~# '\S' || part =~# '\S'
        let begin = head =~# '\S' ? begin : indent(lnum)
        let head .= part
      endif
    endfor
    let head .= head ==# '' ? '' : "\n"
  endfor
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
