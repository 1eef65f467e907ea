;; Indents every policy in $SB_FOLDER anew. See indent.py.
(dolist (path (directory-files (getenv "SB_FOLDER") t "\\.sb\\'"))
  (with-temp-buffer
    (let ((coding-system-for-read 'utf-8-unix)) (insert-file-contents path))
    (sb-mode)
    (let ((inhibit-message t)) (indent-region (point-min) (point-max)))
    (let ((coding-system-for-write 'utf-8-unix)) (write-region nil nil path nil 'silent))))
