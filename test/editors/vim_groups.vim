" Prints `LINE:COLUMN GROUP text` for every run of characters of one syntax group in the current buffer.
set nomore
let out = []
for lnum in range(1, line('$'))
  let text = getline(lnum)
  let start = 1
  while start <= len(text)
    let group = synIDattr(synID(lnum, start, 1), 'name')
    let end = start
    while end < len(text) && synIDattr(synID(lnum, end + 1, 1), 'name') ==# group
      let end += 1
    endwhile
    if group !=# ''
      call add(out, lnum . ':' . start . ' ' . group . ' ' . strpart(text, start - 1, end - start + 1))
    endif
    let start = end + 1
  endwhile
endfor
call writefile(out, '/dev/stdout')
qall!
