// Sb.g4: the whole grammar of SB, rules in the order of docs/language.md. No actions, no predicates.
//
// It is shaped so that one token of lookahead decides everything: the generated parser never simulates the ATN, which is what
// makes ANTLR slow. Three things are therefore looser here than in the language, and parse/build tightens them:
//   lists          `x (',' x?)*` takes a trailing comma, and two commas in a row, which is an error there
//   expressions    a flat row of operands and operators; precedence (ast/operators.def) is applied there
//   soft words     `use unsafe x` is two names, `600 on a, b, 601 on c` a row of numbers and names
// The tokens are also listed in parse/tokens.def, the rules in parse/rules.def; the compiler compares both with this file.
grammar Sb;

// ---- file ----

file                : item* EOF ;
item                : importDecl | constDecl | groupDecl | syscallDecl | rulesDecl | policyDecl | paramDecl | testDecl ;

importDecl          : 'import' ( STRING | qname ) ( 'as' name )? ';' ;
constDecl           : 'const' name ( ':' type )? '=' expr ';' ;
groupDecl           : 'group' name '=' targets ( 'except' targets )? ';' ;
syscallDecl         : 'syscall' name '(' formals ')' '=' number ( ',' number? )* ';' ;
number              : expr ( 'on' name )? ;

rulesDecl           : 'unsafe'? 'rules' name ( '(' formals ')' )? block ;
formals             : ( formal ( ',' formal? )* )? ;
formal              : name ':' type ( '=' expr )? ;
type                : qname | '{' qname '}' ;

policyDecl          : 'policy' name ( 'on' names )? block ;
names               : name ( ',' name )* ;

// ---- statements ----

block               : '{' statement* '}' ;
statement           : ruleStatement | fallbackStatement | requireStatement | useStatement | onStatement | ifStatement
                    | overrideStatement | assertStatement
                    | defaultLine | foreignLine | kernelLine | newerLine | installLine | frequencyLine | paramDecl ;

ruleStatement       : action targets ( 'except' targets )? ( 'else' action )? ';' ;
fallbackStatement   : 'fallback' action targets ';' ;
requireStatement    : 'require' targets 'else' action ';' ;
useStatement        : 'use' qname qname? ( '(' args ')' )? ( 'except' targets )? ';' ;
onStatement         : 'on' names block ( 'else' ( 'on' names )? block )* ;
ifStatement         : 'if' '(' expr ')' block ( 'else' ( 'if' '(' expr ')' )? block )* ;
overrideStatement   : 'override' ( block | ruleStatement | fallbackStatement | requireStatement ) ;
assertStatement     : 'assert' ( 'never'? outcome targets ( 'except' targets )? | '(' expr ')' ) ';' ;

targets             : target ( ',' target )* ;
target              : ( qname | '@' qname | '{' target ( ',' target? )* '}' ) ( '(' conditions ')' )? ;
args                : ( arg ( ',' arg? )* )? ;
arg                 : name ':' expr ;

// ---- actions ----

action              : ( 'allow' | 'log' | 'notify' | 'kill_thread' | 'kill_process' | IDENT )      // IDENT: an action parameter
                    | ( 'errno' | 'trace' ) data
                    | 'trap' data? ;
outcome             : ( 'allow' | 'log' | 'notify' | 'kill_thread' | 'kill_process' | IDENT )
                    | ( 'errno' | 'trace' | 'trap' ) data? ;                                       // without data: any data
data                : '(' expr ')' ;

// ---- conditions and values: one language, so that the checker (not the parser) explains `1 == flags` and `a = 1` ----

conditions          : ( expr ( ',' expr? )* )? ;
expr                : operand ( '!'? ( '||' | '&&' | '=' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'has' | 'any' | 'lacks'
                    | 'only' | '..' | '|' | '&' | '<<' | '>>' | '+' | '-' | '*' ) operand )* ;
operand             : ( '!' | '-' | '~' )*
                      ( INT | VERSION | CHAR | RAW | 'true' | 'false' | qname ( '(' conditions ')' )? | '@' qname
                      | '{' conditions '}' | '(' expr ')' ) ;

// ---- policy lines ----

defaultLine         : 'default' action ';' ;
foreignLine         : 'foreign' action ( 'for' names )? ';' ;
kernelLine          : 'kernel' ( VERSION | INT ) ';' ;
newerLine           : 'newer' action ';' ;
installLine         : 'install' names ';' ;
frequencyLine       : 'frequency' ( STRING ';' | '{' ( frequency ( ',' frequency? )* )? '}' ';'? ) ;
frequency           : qname ':' INT ;

// ---- parameters, tests ----

paramDecl           : 'runtime'? 'param' formal ';' ;
testDecl            : 'test' STRING 'for' qname ( 'on' names )? ( 'with' '(' args ')' )? '{' expectation* '}' ;
expectation         : 'expect' 'never'? outcome targets ';' ;

// ---- names: every keyword but the reserved ones is also a name ----

qname               : name ( '.' name )* ;
name                : IDENT | 'import' | 'as' | 'const' | 'group' | 'syscall' | 'rules' | 'unsafe' | 'policy' | 'param' | 'runtime'
                    | 'test' | 'for' | 'with' | 'expect' | 'on' | 'fallback' | 'require' | 'use' | 'override' | 'assert' | 'never'
                    | 'default' | 'foreign' | 'kernel' | 'newer' | 'install' | 'frequency'
                    | 'allow' | 'log' | 'notify' | 'trace' | 'errno' | 'trap' | 'kill_thread' | 'kill_process' ;

// ---- words ----

IMPORT : 'import' ;     AS : 'as' ;               CONST : 'const' ;       GROUP : 'group' ;         SYSCALL : 'syscall' ;
RULES : 'rules' ;       UNSAFE : 'unsafe' ;       POLICY : 'policy' ;     PARAM : 'param' ;         RUNTIME : 'runtime' ;
TEST : 'test' ;         FOR : 'for' ;             WITH : 'with' ;         EXPECT : 'expect' ;
ON : 'on' ;             IF : 'if' ;               ELSE : 'else' ;         EXCEPT : 'except' ;
FALLBACK : 'fallback' ; REQUIRE : 'require' ;     USE : 'use' ;           OVERRIDE : 'override' ;
ASSERT : 'assert' ;     NEVER : 'never' ;
DEFAULT : 'default' ;   FOREIGN : 'foreign' ;     KERNEL : 'kernel' ;     NEWER : 'newer' ;         INSTALL : 'install' ;
FREQUENCY : 'frequency' ;
ALLOW : 'allow' ;       LOG : 'log' ;             NOTIFY : 'notify' ;     TRACE : 'trace' ;         ERRNO : 'errno' ;
TRAP : 'trap' ;         KILL_THREAD : 'kill_thread' ;                     KILL_PROCESS : 'kill_process' ;
IN : 'in' ;             HAS : 'has' ;             ANY : 'any' ;           LACKS : 'lacks' ;         ONLY : 'only' ;
TRUE : 'true' ;         FALSE : 'false' ;

OR : '||' ;             AND : '&&' ;              NOT : '!' ;             ASSIGN : '=' ;            EQ : '==' ;
NE : '!=' ;             LT : '<' ;                LE : '<=' ;             GT : '>' ;                GE : '>=' ;
BIT_OR : '|' ;          BIT_AND : '&' ;           SHL : '<<' ;            SHR : '>>' ;              PLUS : '+' ;
MINUS : '-' ;           STAR : '*' ;              TILDE : '~' ;           RANGE : '..' ;            DOT : '.' ;
COMMA : ',' ;           SEMICOLON : ';' ;         COLON : ':' ;           AT : '@' ;
LPAREN : '(' ;          RPAREN : ')' ;            LBRACE : '{' ;          RBRACE : '}' ;

VERSION : [0-9]+ '.' [0-9]+ ( '.' [0-9]+ )? ;
// Looser than the language: `_` stands alone between two digits, which parse/token_errors holds.
INT     : '0' [xX] [0-9a-fA-F_]+ | '0' [oO] [0-7_]+ | '0' [bB] [01_]+ | [0-9] [0-9_]* ;
CHAR    : '\'' ~['\r\n\\] '\'' ;
STRING  : '"' ( ~["\r\n\\] | '\\' ~[\r\n] )* '"' ;
RAW     : '$' [0-9]+ ;
IDENT   : [a-zA-Z_] [a-zA-Z0-9_]* ;

// What can only be a mistake. Each gets its own message before the parser runs.
BAD_NUMBER  : [0-9] [0-9a-zA-Z_]* ( '.' [0-9a-zA-Z_]+ )* ;
BAD_CHAR    : '\'' ( ~['\r\n\\] | '\\' ~[\r\n] )* '\''? ;
BAD_STRING  : '"' ( ~["\r\n\\] | '\\' ~[\r\n] )* '\\'? ;
BAD_COMMENT : '/*' ( ~'*' | '*'+ ~[*/] )* '*'* ;

DOC     : '///' ( ~[/\r\n] ~[\r\n]* )? -> channel(HIDDEN) ;
LINE    : '//' ~[\r\n]* -> channel(HIDDEN) ;
BLOCK   : '/*' .*? '*/' -> channel(HIDDEN) ;
WS      : [ \t\r\n]+ -> skip ;
BAD     : . ;
