;;; sb-mode.el --- SB, the seccomp policy language of sbpc  -*- lexical-binding: t; -*-

;; SPDX-License-Identifier: Apache-2.0
;; Package-Requires: ((emacs "27.1"))
;; Version: 0.1.0
;; Keywords: languages

;;; Commentary:

;; Highlighting, indentation as `sbpc fmt' does it, imenu, and the language server:
;;
;;   (add-to-list 'load-path "/path/to/sbpc/editors/emacs")
;;   (require 'sb-mode)
;;   (add-hook 'sb-mode-hook #'eglot-ensure)      ; diagnostics, completion, hover; Emacs 29 has eglot, earlier ones take it from ELPA
;;
;; `.sb' is also the ending of Apple Seatbelt profiles: those open in `scheme-mode'.
;; `M-x compile' checks the policy of the buffer.  The words are written by tools/gen_editors.py.

;;; Code:

(require 'rx)

(defgroup sb nil "SB seccomp policies." :group 'languages)

(defcustom sb-indent-offset 2 "Columns that a block or a continued statement is indented by." :type 'integer :safe #'integerp)

(defcustom sb-program "sbpc" "The sbpc program." :type 'string)

;; ---- words: begin (written by tools/gen_editors.py) ----
(defconst sb-declarations '("import" "as" "const" "group" "syscall" "rules" "unsafe" "policy" "param" "runtime" "test" "for" "with" "expect"))
(defconst sb-statements '("on" "if" "else" "except" "fallback" "require" "use" "override" "assert" "never" "default" "foreign" "kernel" "newer" "install" "frequency"))
(defconst sb-actions '("allow" "log" "notify" "trace" "errno" "trap" "kill_thread" "kill_process"))
(defconst sb-conditions '("in" "has" "any" "lacks" "only"))
(defconst sb-literals '("true" "false"))
(defconst sb-functions '("_IO" "_IOR" "_IOW" "_IOWR"))
(defconst sb-types '("u8" "u16" "u32" "u64" "i8" "i16" "i32" "i64"))
(defconst sb-operators '("!=" "&&" ".." "<<" "<=" "==" ">=" ">>" "||" "!" "&" "*" "+" "-" "<" "=" ">" "|" "~"))
;; ---- words: end ----

(defvar sb-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?_ "_" table)
    (modify-syntax-entry ?/ ". 124b" table)
    (modify-syntax-entry ?* ". 23" table)
    (modify-syntax-entry ?\n "> b" table)
    (modify-syntax-entry ?\" "\"" table)
    (modify-syntax-entry ?\\ "\\" table)
    (modify-syntax-entry ?' "." table)
    (modify-syntax-entry ?$ "." table)
    (modify-syntax-entry ?@ "." table)
    (modify-syntax-entry ?# "." table)
    (dolist (operator '(?| ?& ?= ?< ?> ?! ?+ ?- ?~)) (modify-syntax-entry operator "." table))
    table))

;;; Highlighting

(defface sb-action-face '((t :inherit font-lock-builtin-face)) "allow, errno ...")
(defface sb-operator-face '((t :inherit font-lock-keyword-face)) "has, lacks, ==, ...")
(defface sb-number-face '((t :inherit font-lock-constant-face)) "Numbers and versions.")
(defface sb-literal-face '((t :inherit font-lock-constant-face)) "true and false.")
(defface sb-character-face '((t :inherit font-lock-string-face)) "The type in `_IOW'.")
(defface sb-slot-face '((t :inherit font-lock-variable-name-face)) "Registers: $0 to $5.")

(defun sb--words (words)
  "A matcher for WORDS where they are not names.
Names stand behind `.', `@' and `$', and before `:' and `.'."
  (let ((pattern (regexp-opt words 'symbols)))
    (lambda (limit)
      (let (found)
        (while (and (not found) (re-search-forward pattern limit t))
          (setq found (not (or (memq (char-before (match-beginning 0)) '(?. ?@ ?$))
                               (save-match-data (looking-at-p "[ \t]*:\\|\\.[A-Za-z_]"))))))
        found))))

(defconst sb--integer "0[xX][0-9a-fA-F_]+\\|0[oO][0-7_]+\\|0[bB][01_]+\\|0\\|[1-9][0-9_]*")

(defun sb--number (limit)
  "Find the next number, or what looks like one, before LIMIT.
Group 1 is a good one, group 2 a mistake."
  (when (re-search-forward "\\_<[0-9][[:alnum:]_]*\\(?:\\.[[:alnum:]_]+\\)*" limit t)
    (let* ((begin (match-beginning 0)) (end (match-end 0))
           (good (save-match-data
                   (string-match-p (concat "\\`\\(?:" sb--integer "\\|[0-9]+\\.[0-9]+\\(?:\\.[0-9]+\\)?\\)\\'")
                                   (buffer-substring-no-properties begin end)))))
      (set-match-data (if good (list begin end begin end) (list begin end nil nil begin end)))
      t)))

(defun sb--bad-escape (limit)
  "Find the next escape in a string that is none of SB's before LIMIT."
  (let (found)
    (while (and (not found) (re-search-forward "\\\\\\(.\\)" limit t))
      (setq found (and (nth 3 (save-excursion (save-match-data (syntax-ppss (match-beginning 0)))))
                       (not (memq (char-after (match-beginning 1)) '(?\" ?\\))))))
    found))

(defvar sb-font-lock-keywords
  `(("\\`#!.*" 0 font-lock-preprocessor-face t)
    ("[^][:ascii:]]\\|[]#?%^`[\\]" . font-lock-warning-face)
    ("\\$[0-5]\\_>" . 'sb-slot-face)
    ("\\$[[:alnum:]_]*" . font-lock-warning-face)
    ("\"\\(?:[^\"\\\n]\\|\\\\.\\)*$" . font-lock-warning-face)
    (sb--bad-escape 0 font-lock-warning-face t)
    (sb--number (1 'sb-number-face nil t) (2 font-lock-warning-face nil t))
    ("'\\(?:[ -&(-[^-~]\\|]\\)'" . 'sb-character-face)
    ("'\\(?:[^'\\\n]\\|\\\\.\\)*'?" . font-lock-warning-face)
    ("\\_<\\(?:unsafe[ \t]+\\)?\\(?:policy\\|rules\\)[ \t]+\\(\\(?:\\sw\\|\\s_\\)+\\)" 1 font-lock-function-name-face)
    ("\\_<\\(?:group\\|const\\|syscall\\)[ \t]+\\(\\(?:\\sw\\|\\s_\\)+\\)[ \t]*[:=(]" 1 font-lock-variable-name-face)
    ("@\\(?:\\sw\\|\\s_\\|\\.\\)+" . font-lock-type-face)
    (,(sb--words sb-literals) . 'sb-literal-face)
    (,(sb--words sb-actions) . 'sb-action-face)
    (,(sb--words sb-conditions) . 'sb-operator-face)
    (,(regexp-opt sb-operators) . 'sb-operator-face)
    (,(sb--words (append sb-declarations sb-statements)) . font-lock-keyword-face)
    (,(sb--words sb-functions) . font-lock-builtin-face)
    (,(sb--words sb-types) . font-lock-type-face)
    ("\\_<\\(\\(?:\\sw\\|\\s_\\)+\\)[ \t]*:" 1 font-lock-variable-name-face)
    (,(concat "\\_<_*[A-Z][A-Z0-9_]+\\_>") . font-lock-constant-face))
  "What `sb-mode' highlights beside strings and comments.")

(defun sb--syntactic-face (state)
  "The face of the comment or string that STATE is in: `///' documents."
  (cond ((nth 3 state) font-lock-string-face)
        ((save-excursion (goto-char (nth 8 state)) (looking-at-p "///\\(?:[^/]\\|$\\)")) font-lock-doc-face)
        (t font-lock-comment-face)))

(defun sb--propertize (begin end)
  "Give quotes that begin no string another syntax between BEGIN and END.
Those are characters, and strings without an end."
  (goto-char begin)
  (while (re-search-forward "'\"'\\|\"\\(?:[^\"\\\n]\\|\\\\.\\)*\\(\"\\)?" end t)
    (let ((from (match-beginning 0)))
      (cond ((save-excursion (save-match-data (nth 4 (syntax-ppss from)))))
            ((eq (char-after from) ?')
             (put-text-property (1+ from) (+ 2 from) 'syntax-table (string-to-syntax ".")))
            ((not (match-beginning 1))
             (put-text-property from (1+ from) 'syntax-table (string-to-syntax ".")))))))

;;; Indentation

(defconst sb--block
  (rx bos (* space)
      (or (seq (opt "unsafe" (+ space)) (or "rules" "policy" "test" "on" "if" "else") symbol-end)
          (seq "override" (* space) eos)))
  "What stands before a `{' that statements stand in.")

(defun sb--statement-begin (limit)
  "Go back from point to where its statement begins, no further than LIMIT."
  (let ((at (point)))
    (while (progn
             (forward-comment (- (point)))
             (and (> (point) limit) (not (eq (char-before) ?\;))
                  (not (and (eq (char-before) ?}) (sb--ends-statement-p)))))
      (condition-case nil
          (if (memq (char-syntax (char-before)) '(?w ?_ ?\) ?\"))
              (backward-sexp)
            (backward-char))
        (scan-error (backward-char)))
      (setq at (point)))
    (goto-char (max at limit))))

(defun sb--ends-statement-p ()
  "Whether the `}' before point ends its statement."
  (save-excursion
    (condition-case nil
        (progn
          (backward-sexp)
          (or (sb--block-p (point))
              (save-excursion
                (let ((open (point)))
                  (sb--statement-begin (sb--inside open))
                  (looking-at-p "frequency\\_>")))))
      (scan-error nil))))

(defun sb--inside (position)
  "Just behind the bracket that POSITION is in, or the beginning of the buffer."
  (let ((open (nth 1 (save-excursion (syntax-ppss position)))))
    (if open (1+ open) (point-min))))

(defun sb--block-p (open)
  "Whether statements stand in the bracket at OPEN."
  (and (eq (char-after open) ?{)
       (save-excursion
         (goto-char open)
         (sb--statement-begin (sb--inside open))
         (string-match-p sb--block (buffer-substring-no-properties (point) open)))))

(defun sb--indentation ()
  "The column that point's line belongs to; nil in comments and strings."
  (save-excursion
    (back-to-indentation)
    (let* ((state (save-excursion (syntax-ppss (line-beginning-position))))
           (open (nth 1 state))
           (is-block (and open (sb--block-p open)))
           (closes (memq (char-after) '(?} ?\))))
           (comment (or (eolp) (looking-at-p "//")))
           (operator (and open (looking-at-p "[|&+*<>=-]")  ; a condition that began on a line of its own goes on
                          (save-excursion (re-search-backward ",[ \t]*\\(?://.*\\)?$" open t))))
           (base (if (not open) 0
                   (save-excursion
                     (goto-char open)
                     (when is-block (sb--statement-begin (sb--inside open)))
                     (current-indentation)))))
      (cond ((nth 8 state) nil)
            (closes base)
            ((and open (not is-block)) (+ base (if operator (* 2 sb-indent-offset) sb-indent-offset)))
            (t (let ((inside (if open (+ base sb-indent-offset) 0))
                     (goes-on (let ((here (point)))
                                (sb--statement-begin (if open (1+ open) (point-min)))
                                (and (< (point) here) (not (looking-at-p "#!"))
                                     (save-excursion (forward-comment (buffer-size)) (< (point) here))))))
                 (if (and goes-on (not comment)) (+ inside sb-indent-offset) inside)))))))

(defun sb-indent-line ()
  "Indent the line of point as `sbpc fmt' would."
  (interactive)
  (let ((column (sb--indentation)))
    (when column
      (if (<= (current-column) (current-indentation))
          (indent-line-to column)
        (save-excursion (indent-line-to column))))))

;;; The mode

(defun sb-seatbelt-p ()
  "Whether the buffer holds an Apple Seatbelt profile, which is Scheme."
  (save-excursion
    (save-restriction
      (widen)
      (goto-char (point-min))
      (looking-at-p (rx (opt "\ufeff") (* (any " \t\r\n")) (* ";" (* nonl) (* (any " \t\r\n")))
                        "(" (* (any " \t\r\n")) (or "version" "allow" "deny" "import" "define" "debug" "trace"))))))

(defvar sb-imenu-generic-expression
  '(("Policies" "^policy[ \t]+\\(\\(?:\\sw\\|\\s_\\)+\\)" 1)
    ("Rules" "^\\(?:unsafe[ \t]+\\)?rules[ \t]+\\(\\(?:\\sw\\|\\s_\\)+\\)" 1)
    ("Groups" "^group[ \t]+\\(\\(?:\\sw\\|\\s_\\)+\\)" 1)
    ("Tests" "^test[ \t]+\"\\([^\"]*\\)\"" 1)))

;;;###autoload
(define-derived-mode sb-mode prog-mode "SB"
  "Major mode for SB, the seccomp policy language of sbpc."
  (setq-local comment-start "// ")
  (setq-local comment-end "")
  (setq-local comment-start-skip "//+[ \t]*\\|/\\*+[ \t]*")
  (setq-local indent-tabs-mode nil)
  (setq-local fill-column 120)
  (setq-local indent-line-function #'sb-indent-line)
  (setq-local electric-indent-chars (append '(?} ?\)) electric-indent-chars))
  (setq-local syntax-propertize-function #'sb--propertize)
  (setq-local imenu-generic-expression sb-imenu-generic-expression)
  (setq-local font-lock-defaults
              '(sb-font-lock-keywords nil nil nil (font-lock-syntactic-face-function . sb--syntactic-face)))
  (when buffer-file-name
    (setq-local compile-command
                (concat sb-program " check --error-format short -- " (shell-quote-argument (file-name-nondirectory buffer-file-name))))))

;;;###autoload
(defun sb-mode-or-scheme ()
  "`sb-mode', but `scheme-mode' for Apple Seatbelt profiles."
  (if (sb-seatbelt-p) (scheme-mode) (sb-mode)))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.sb\\'" . sb-mode-or-scheme))
;;;###autoload
(add-to-list 'interpreter-mode-alist '("sbpc" . sb-mode))

(with-eval-after-load 'eglot
  (defvar eglot-server-programs)
  (add-to-list 'eglot-server-programs `(sb-mode . (,sb-program "lsp"))))

(provide 'sb-mode)

;;; sb-mode.el ends here
