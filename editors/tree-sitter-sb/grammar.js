// The tree-sitter grammar of SB, rule by rule beside grammar/Sb.g4, but with the precedence of operators and with what the compiler's
// parse/build tightens: sets and ranges only where they may stand, no two commas in a row, no leading zeros, no reserved words as names.
// Words and operators come from the compiler's tables (words.js, written by tools/gen_editors.py).
//
// After a change: `tree-sitter generate --abi 14`, then tools/tree_sitter.py --record. Tested by test/editors/tree_sitter*.test.
const words = require('./words');

const LEVEL = 10;                       // room between the levels of operators.def
const RANGE = words.rangeLevel * LEVEL - 5; // `a..b` binds weaker than `|`, tighter than comparisons

const list = (rule) => seq(rule, repeat(seq(',', rule)));           // a, b
const oneOf = (words) => words.length === 1 ? words[0] : choice(...words);
const listWithEnd = (rule) => seq(list(rule), optional(','));       // a, b or a, b,

module.exports = grammar({
  name: 'sb',
  word: $ => $.identifier,
  extras: $ => [/[ \t\r\n]/, $.doc_comment, $.line_comment, $.block_comment],
  supertypes: $ => [$._item, $._statement, $._expression],
  inline: $ => [$._value, $._element],

  rules: {
    source_file: $ => seq(optional($.shebang), repeat($._item)),

    // ---- file ----

    _item: $ => choice($.import_declaration, $.const_declaration, $.group_declaration, $.syscall_declaration,
      $.rules_declaration, $.policy_declaration, $.param_declaration, $.test_declaration),

    import_declaration: $ => seq('import', field('module', choice($.string, $.qualified_name)),
      optional(seq('as', field('alias', $.identifier))), ';'),
    const_declaration: $ => seq('const', field('name', $.identifier), optional(seq(':', field('type', $.type))),
      '=', field('value', $._value), ';'),
    group_declaration: $ => seq('group', field('name', $.identifier), '=', $.targets, optional($.except_clause), ';'),
    syscall_declaration: $ => seq('syscall', field('name', $.identifier), $.parameters,
      '=', listWithEnd($.syscall_number), ';'),
    syscall_number: $ => seq(field('number', $._expression), optional(seq('on', field('abi', $.identifier)))),

    rules_declaration: $ => seq(optional('unsafe'), 'rules', field('name', $.identifier), optional($.parameters),
      field('body', $.block)),
    parameters: $ => seq('(', optional(listWithEnd($.parameter)), ')'),
    parameter: $ => seq(field('name', $.identifier), ':', field('type', $.type), optional(seq('=', field('value', $._value)))),
    type: $ => choice($.qualified_name, seq('{', $.qualified_name, '}')),

    policy_declaration: $ => seq('policy', field('name', $.identifier), optional($.on_clause), field('body', $.block)),
    on_clause: $ => seq('on', $._names),
    _names: $ => list($.identifier),

    // ---- statements ----

    block: $ => seq('{', repeat($._statement), '}'),
    _statement: $ => choice($.rule_statement, $.fallback_statement, $.require_statement, $.use_statement, $.on_statement,
      $.if_statement, $.override_statement, $.assert_statement, $.default_line, $.foreign_line, $.kernel_line, $.newer_line,
      $.install_line, $.frequency_line, $.param_declaration),

    rule_statement: $ => seq($.action, $.targets, optional($.except_clause), optional(seq('else', $.action)), ';'),
    fallback_statement: $ => seq('fallback', $.action, $.targets, ';'),
    require_statement: $ => seq('require', $.targets, 'else', $.action, ';'),
    use_statement: $ => seq('use',
      choice(seq(optional('unsafe'), field('rules', $.qualified_name)), field('rules', alias($._named_unsafe, $.qualified_name))),
      optional($.arguments), optional($.except_clause), ';'),
    _named_unsafe: $ => seq(alias('unsafe', $.identifier), repeat(seq('.', $.identifier))),
    on_statement: $ => seq('on', $._names, $.block, repeat(seq('else', 'on', $._names, $.block)), optional(seq('else', $.block))),
    if_statement: $ => seq('if', $._guard, $.block, repeat(seq('else', 'if', $._guard, $.block)), optional(seq('else', $.block))),
    _guard: $ => seq('(', field('condition', $._expression), ')'),
    override_statement: $ => seq('override', choice($.block, $.rule_statement, $.fallback_statement, $.require_statement)),
    assert_statement: $ => seq('assert',
      choice(seq(optional('never'), $.outcome, $.targets, optional($.except_clause)), $._guard), ';'),
    except_clause: $ => seq('except', $.targets),

    targets: $ => list($._target),
    _target: $ => choice($.call, $.group_target, $.list_target),
    call: $ => seq(field('name', $.qualified_name), optional($.conditions)),
    group_target: $ => seq($.group_reference, optional($.conditions)),
    list_target: $ => seq('{', listWithEnd($._target), '}', optional($.conditions)),
    group_reference: $ => seq('@', $.qualified_name),
    arguments: $ => seq('(', optional(listWithEnd($.argument)), ')'),
    argument: $ => seq(field('name', $.identifier), ':', field('value', $._value)),

    // ---- actions ----

    action: $ => choice(...words.actions.none, seq(oneOf(words.actions.required), $.data),
      seq(oneOf(words.actions.optional), optional($.data)), field('parameter', $.identifier), $._no_action),
    outcome: $ => choice(...words.actions.none,
      seq(oneOf([...words.actions.required, ...words.actions.optional]), optional($.data)),
      field('parameter', $.identifier), $._no_action),
    // The other words are words of their own here only so that they are none: they would be read as parameters.
    _no_action: $ => seq(choice(...words.noActions), $._nowhere),
    _nowhere: () => '\uFFFF', // outside of strings and comments no policy has it
    data: $ => seq('(', $._expression, ')'),

    // ---- conditions and values ----

    conditions: $ => seq('(', optional(listWithEnd($._expression)), ')'),
    _expression: $ => choice($.binary_expression, $.in_expression, $.unary_expression, $.function_call, $.reference,
      $.parenthesized_expression, $.integer, $.version, $.character, $.raw_slot, $.boolean),
    binary_expression: $ => choice(
      ...words.binary.map(([operator, level]) => prec.left(level * LEVEL, seq(
        field('left', $._expression), field('operator', operator), field('right', $._expression)))),
      // `families != {}` asks whether a set is empty.
      ...words.equality.map(([operator, level]) => prec.left(level * LEVEL, seq(
        field('left', $._expression), field('operator', operator), field('right', alias($.empty_set, $.set)))))),
    in_expression: $ => prec.left(words.inLevel * LEVEL, seq(field('left', $._expression),
      field('operator', choice('in', seq('!', 'in'))), field('right', choice($.set, $.range, $._expression)))),
    unary_expression: $ => choice(...words.prefix.map(([operator, level]) => prec(level * LEVEL, seq(
      field('operator', operator), field('operand', $._expression))))),
    range: $ => prec.left(RANGE, seq(field('low', $._expression), '..', field('high', $._expression))),
    set: $ => seq('{', optional(listWithEnd($._element)), '}'),
    empty_set: $ => seq('{', '}'),
    _element: $ => choice($._expression, $.range, $.set, $.group_reference),
    _value: $ => choice($._expression, $.set, $.group_reference),
    function_call: $ => seq(field('function', $.qualified_name), $.conditions),
    reference: $ => $.qualified_name,
    parenthesized_expression: $ => seq('(', $._expression, ')'),
    boolean: $ => choice('true', 'false'),

    // ---- policy lines ----

    default_line: $ => seq('default', $.action, ';'),
    foreign_line: $ => seq('foreign', $.action, optional(seq('for', $._names)), ';'),
    kernel_line: $ => seq('kernel', choice($.version, $.integer), ';'),
    newer_line: $ => seq('newer', $.action, ';'),
    install_line: $ => seq('install', $._names, ';'),
    frequency_line: $ => seq('frequency', choice(seq($.string, ';'),
      seq('{', optional(listWithEnd($.frequency)), '}', optional(';')))),
    frequency: $ => seq(field('call', $.qualified_name), ':', field('weight', $.integer)),

    // ---- parameters, tests ----

    param_declaration: $ => seq(optional('runtime'), 'param', $.parameter, ';'),
    test_declaration: $ => seq('test', field('name', $.string), 'for', field('policy', $.qualified_name),
      optional($.on_clause), optional(seq('with', $.arguments)), '{', repeat($.expectation), '}'),
    expectation: $ => seq('expect', optional('never'), $.outcome, $.targets, ';'),

    // ---- names and literals ----

    qualified_name: $ => seq($.identifier, repeat(seq('.', $.identifier))),
    // Every word but the reserved ones is a name where no keyword can stand.
    identifier: $ => words.identifier,
    // `_` stands alone between two digits. The last choice takes what only looks like a number: `1lacks`, `1__2`.
    integer: $ => choice(token(choice(/0[xX][0-9a-fA-F](_?[0-9a-fA-F])*/, /0[oO][0-7](_?[0-7])*/, /0[bB][01](_?[01])*/,
      /0|[1-9](_?[0-9])*/)), seq(/[0-9][0-9a-zA-Z_]*/, $._nowhere)),
    version: $ => /[0-9]+\.[0-9]+(\.[0-9]+)?/,
    character: $ => /'[^'\r\n\\]'/,
    string: $ => /"([^"\r\n\\]|\\["\\])*"/,
    raw_slot: $ => /\$[0-5]/,

    shebang: $ => /#![^\r\n]*/,
    doc_comment: $ => /\/\/\/([^\/\r\n][^\r\n]*)?/,
    line_comment: $ => /\/\/([^\/\r\n][^\r\n]*|\/\/[^\r\n]*)?/,
    block_comment: $ => token(/\/\*[^*]*\*+([^\/*][^*]*\*+)*\//),
  },
});
