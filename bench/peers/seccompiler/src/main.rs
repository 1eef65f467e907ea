// A .rules file through seccompiler: seccompiler RULES RUNS > FILTER; nanoseconds of the quickest of RUNS builds go to standard error.
//
// seccompiler has one action for what matches: calls with another one are left out and named on standard error.
use seccompiler::{BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch};
use std::collections::BTreeMap;
use std::io::Write;
use std::time::Instant;

fn number(text: &str) -> u64 {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    }
    .expect("a number")
}

fn condition(words: &[&str]) -> (SeccompCondition, usize) {
    let value = number(words[2]);
    let (op, value, used) = match words[1] {
        "eq32" => (SeccompCmpOp::Eq, value, 3),
        "ne32" => (SeccompCmpOp::Ne, value, 3),
        "lt32" => (SeccompCmpOp::Lt, value, 3),
        "le32" => (SeccompCmpOp::Le, value, 3),
        "gt32" => (SeccompCmpOp::Gt, value, 3),
        "ge32" => (SeccompCmpOp::Ge, value, 3),
        "masked_eq32" => (SeccompCmpOp::MaskedEq(value), number(words[3]), 4),
        other => panic!("{other}"),
    };
    let argument = words[0].parse().expect("an argument");
    (SeccompCondition::new(argument, SeccompCmpArgLen::Dword, op, value).expect("a condition"), used)
}

fn build(text: &str, skipped: &mut Vec<String>) -> BpfProgram {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    let mut otherwise = SeccompAction::KillProcess;
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["arch", ..] | [] => {}
            ["default", "errno", code] => otherwise = SeccompAction::Errno(number(code) as u32),
            ["default", ..] => otherwise = SeccompAction::KillProcess,
            ["allow", nr, _, ref rest @ ..] => {
                let rule = rules.entry(nr.parse().expect("a call's number")).or_default();
                let mut conditions = Vec::new();
                let mut at = 0;
                while at < rest.len() {
                    let (one, used) = condition(&rest[at..]);
                    conditions.push(one);
                    at += used;
                }
                if !conditions.is_empty() {
                    rule.push(SeccompRule::new(conditions).expect("a rule"));
                }
            }
            _ => skipped.push(line.to_string()),
        }
    }
    SeccompFilter::new(rules, otherwise, SeccompAction::Allow, TargetArch::x86_64).expect("a filter").try_into().expect("a program")
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let text = std::fs::read_to_string(&arguments[1]).expect("the rules");
    let mut best = u128::MAX;
    for _ in 0..arguments[2].parse::<u32>().expect("RUNS") {
        let from = Instant::now();
        let program = build(&text, &mut Vec::new());
        best = best.min(from.elapsed().as_nanos());
        drop(program);
    }
    let mut skipped = Vec::new();
    let program = build(&text, &mut skipped);
    let bytes: Vec<u8> = program
        .iter()
        .flat_map(|insn| [&insn.code.to_le_bytes()[..], &[insn.jt, insn.jf], &insn.k.to_le_bytes()[..]].concat())
        .collect();
    std::io::stdout().write_all(&bytes).expect("standard output");
    eprintln!("{best}");
    for line in skipped {
        eprintln!("left out: {line}");
    }
}
