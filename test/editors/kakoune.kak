# Opens policy.sb and mac.sb in Kakoune, writes their file types, what went wrong, and the *debug* buffer. See kakoune.test.
try %{
    source %sh{ echo "$SB_KAK" }
    edit policy.sb
    echo -to-file first "policy <%opt{filetype}>"
    edit mac.sb
    echo -to-file second "profile <%opt{filetype}>"
} catch %{
    echo -to-file error %val{error}
}
buffer *debug*
write -force debug
quit! 0
