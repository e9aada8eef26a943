use std::collections::VecDeque;

use super::text::Text;
use super::{Entry, Reader};
use crate::session::Session;
use crate::{Code, Diagnostic, Span};

/// A line that is read once for each value.
pub(super) struct Sequence {
    variables: Vec<String>,
    values: Values,
    line: Text,
    /// As it is written.
    of: String,
    site: Span,
    pub(super) depth: usize,
}

enum Values {
    /// Each value of each variable.
    List(VecDeque<Vec<Text>>),
    Numbers {
        next: Option<i64>,
        step: i64,
        end: i64,
        hexadecimal: bool,
    },
}

/// The `~SEQ(` and its like at the start of a line.
fn opening(text: &str) -> Option<&'static str> {
    ["~SEQ(", "~SEQx(", "~LST("]
        .into_iter()
        .find(|opening| text.starts_with(opening))
}

impl Reader {
    /// Queues the lines that a sequence stands for; false if the line is something else.
    pub(super) fn sequence(&mut self, text: &Text, depth: usize, session: &mut Session<'_>) -> bool {
        let Some(opening) = opening(text.as_str()) else {
            return false;
        };
        let close = text.as_str().find(')').unwrap_or(text.len());
        let site = text.span(0..text.len().min(close + 1));
        let inside = text.slice(opening.len()..close.max(opening.len()));
        let inside = self.expand_arguments(&inside, depth, session);
        let parsed = if close == text.len() {
            Err("it lacks its `)`".to_owned())
        } else if depth >= session.options.limits.expansion_depth {
            Err("it is nested too deeply".to_owned())
        } else if opening == "~LST(" {
            list(&inside)
        } else {
            numbers(&inside, opening == "~SEQx(")
        };
        match parsed {
            Ok((variables, values)) => self.stack.push(Entry::Sequence(Sequence {
                variables,
                values,
                line: text.slice(close + 1..text.len()),
                of: format!("{opening}{})", inside.as_str()),
                site,
                depth: depth + 1,
            })),
            Err(why) => report(opening, &why, site, session),
        }
        true
    }

    /// The next line of the sequence on top of the stack; `None` after the last.
    pub(super) fn next_of_sequence(&mut self, session: &mut Session<'_>) -> Option<(Text, usize)> {
        let Some(Entry::Sequence(sequence)) = self.stack.last_mut() else {
            return None;
        };
        let values = sequence.values.next(sequence.site)?;
        if !self.macros.charge(sequence.line.len(), sequence.site, session) {
            return None;
        }
        let mut of = sequence.of.clone();
        let values = values.into_iter().chain(std::iter::repeat_with(Text::default));
        for (name, value) in sequence.variables.iter().zip(values) {
            of.push_str(&format!(", {name} = {}", value.as_str()));
            self.macros.define(name, vec![value]);
        }
        let expansion = session.sources.expand(of, sequence.site);
        Some((sequence.line.clone().expanded(expansion), sequence.depth))
    }
}

impl Values {
    fn next(&mut self, site: Span) -> Option<Vec<Text>> {
        match self {
            Values::List(values) => values.pop_front(),
            Values::Numbers {
                next,
                step,
                end,
                hexadecimal,
            } => {
                let value = next.filter(|&value| if *step > 0 { value <= *end } else { value >= *end })?;
                *next = value.checked_add(*step);
                let text = match hexadecimal {
                    true => format!("{value:x}"),
                    false => value.to_string(),
                };
                Some(vec![Text::made(&text, site)])
            }
        }
    }
}

type Parsed = Result<(Vec<String>, Values), String>;

/// `variable[, start][, step], end`
fn numbers(inside: &Text, hexadecimal: bool) -> Parsed {
    let mut words = inside.as_str().split(',').map(str::trim);
    let name = words.next().filter(|name| is_name(name));
    let name = name.ok_or("it lacks the name of its variable")?.to_owned();
    let numbers = words
        .map(|word| number(word).ok_or_else(|| format!("`{word}` is not a number")))
        .collect::<Result<Vec<_>, _>>()?;
    let (start, step, end) = match *numbers.as_slice() {
        [end] => (None, None, end),
        [start, end] => (Some(start), None, end),
        [start, step, end] => (Some(start), Some(step), end),
        _ => return Err("it takes one to three numbers".to_owned()),
    };
    let start = start.unwrap_or(if end >= 0 { 1 } else { -1 });
    let step = step.unwrap_or(if end >= start { 1 } else { -1 });
    if step == 0 || (start != end && (step > 0) != (end > start)) {
        return Err(format!("steps of {step} do not lead from {start} to {end}"));
    }
    let next = Some(start);
    let values = Values::Numbers {
        next,
        step,
        end,
        hexadecimal,
    };
    Ok((vec![name], values))
}

/// A number as C writes it: decimal, `0x` and hexadecimal, `0` and octal.
fn number(word: &str) -> Option<i64> {
    let (negative, digits) = match word.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, word),
    };
    let number = match (digits.strip_prefix("0x"), digits.strip_prefix('0')) {
        (Some(digits), _) => u32::from_str_radix(digits, 16),
        (None, Some(digits)) if !digits.is_empty() => u32::from_str_radix(digits, 8),
        _ => digits.parse(),
    };
    let number = i64::from(number.ok()?);
    Some(if negative { -number } else { number })
}

/// `variable, value, ...` or `{variable, ...}, {value, ...}, ...`
fn list(inside: &Text) -> Parsed {
    let mut tuples = tuples(inside)?.into_iter();
    let names = tuples.next().unwrap_or_default();
    let names: Vec<String> = names.iter().map(|name| name.as_str().to_owned()).collect();
    if names.is_empty() || !names.iter().all(|name| is_name(name)) {
        return Err("it lacks the name of its variable".to_owned());
    }
    let values: VecDeque<Vec<Text>> = tuples.collect();
    if let Some(wrong) = values.iter().find(|values| values.len() > names.len()) {
        let (values, names) = (wrong.len(), names.len());
        return Err(format!("there are {values} values for the {names} of a step"));
    }
    match values.is_empty() {
        true => Err("it has no values".to_owned()),
        false => Ok((names, Values::List(values))),
    }
}

/// What stands between commas, apart or in braces.
fn tuples(inside: &Text) -> Result<Vec<Vec<Text>>, String> {
    let (mut tuples, mut tuple) = (Vec::new(), Vec::new());
    let (mut start, mut open) = (0, false);
    let text = inside.as_str();
    for (at, byte) in text.bytes().chain([b',']).enumerate() {
        let item = || inside.slice(start..at).trimmed();
        match byte {
            b'{' if !open && item().is_empty() => open = true,
            b'}' if open => {
                tuple.push(item());
                open = false;
            }
            b',' if open && at < text.len() => tuple.push(item()),
            b',' if !open && tuple.is_empty() => tuples.push(vec![item()]),
            b',' if !open && item().is_empty() => tuples.push(std::mem::take(&mut tuple)),
            b'{' | b'}' | b',' => return Err("its braces do not fit".to_owned()),
            _ => continue,
        }
        start = at + 1;
    }
    Ok(tuples)
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn report(opening: &str, why: &str, site: Span, session: &mut Session<'_>) {
    let name = opening.trim_end_matches('(');
    let shape = match name {
        "~LST" => "~LST(NAME, VALUE, ...) or ~LST({NAME, NAME}, {VALUE, VALUE}, ...)".to_owned(),
        _ => format!("{name}(NAME, [START, [STEP,]] END)"),
    };
    session.report(
        Diagnostic::error(Code::InvalidSequence, format!("a malformed `{name}`: {why}"))
            .label(site, "this line is ignored")
            .help(format!("it is written {shape}")),
    );
}
