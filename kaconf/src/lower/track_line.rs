use super::{Line, Value, value};
use crate::session::Session;
use crate::tree::{Arg, Statement};
use crate::write::Writer;
use crate::{Code, Diagnostic, Keyword, Span, Tracked, Weight};

/// One line of a `track_*` block: `NAME [weight N [reverse|noreverse]]`.
impl Line for Tracked {
    fn read(line: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let mut words = line.words();
        let mut tracked = Tracked::new(value::name("track", words.next()?, session)?);
        let mut sound = true;
        while let Some(option) = words.next() {
            match option.text {
                "weight" => match value::argument(option, words.next(), session) {
                    Some(arg) => sound &= set_weight(&mut tracked, arg, session),
                    None => sound = false,
                },
                "reverse" | "noreverse" if tracked.weight.is_some() => {
                    if let Some(weight) = &mut tracked.weight {
                        weight.reverse = option.text == "reverse";
                        tracked.has_direction = true;
                    }
                }
                _ => sound = unknown(option, session),
            }
        }
        sound.then_some(tracked)
    }

    fn write(&self, out: &mut Writer) {
        out.quoted(&self.name.value);
        if let Some(weight) = self.weight {
            out.word("weight");
            out.word(weight.value);
            if self.has_direction {
                out.word(if weight.reverse { "reverse" } else { "noreverse" });
            }
        }
    }

    fn span(&self) -> Span {
        self.name.span
    }
}

fn set_weight(tracked: &mut Tracked, arg: Arg<'_>, session: &mut Session<'_>) -> bool {
    let value = value::number("weight", arg, -LARGEST, LARGEST, session);
    tracked.weight = value.map(Weight::new);
    value.is_some()
}

fn unknown(option: Arg<'_>, session: &mut Session<'_>) -> bool {
    let message = format!("`{}` is no option of what is tracked", option.text);
    session.report(
        Diagnostic::error(Code::UnknownOption, message)
            .at(option.span)
            .help("a line is `NAME`, or `NAME weight N`, or `NAME weight N reverse`"),
    );
    false
}

/// `weight N [reverse]` as a statement.
impl Value for Weight {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let (low, high) = statement.takes().range();
        let value = value::number(statement.name(), statement.arg(), low, high, session)?;
        let mut weight = Weight::new(value);
        if let Some(option) = statement.args().nth(1) {
            weight.reverse = option.text == "reverse";
            if !weight.reverse && option.text != "noreverse" {
                super::choice::report(statement.name(), option, &["reverse", "noreverse"], session);
            }
        }
        Some(weight)
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        out.statement(keyword.name, |out| {
            out.word(self.value);
            if self.reverse {
                out.word("reverse");
            }
        });
    }
}

/// What no priority can have.
const LARGEST: i64 = 254;
