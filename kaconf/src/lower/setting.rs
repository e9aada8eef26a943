//! How the statements of a block meet the fields of a model.
//!
//! One list for each block (`settings!`) says which keyword is which field. Reading a file, writing one and showing
//! the effective configuration all go by it; ranges and choices come from the keyword table.

use crate::keyword::{Block, Keyword};
use crate::session::Session;
use crate::tree::Statement;
use crate::write::Writer;
use crate::{Code, Diagnostic, Span, Spanned};

/// What a statement says: its arguments, and its block if it has one.
pub(crate) trait Value: Sized {
    /// The value, or `None` when what is wrong has been reported.
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self>;

    /// Writes the statement; nothing if its absence says the same.
    fn write(&self, keyword: &'static Keyword, out: &mut Writer);
}

/// One line of a block of lines that begin with no keyword.
pub(crate) trait Line: Sized {
    /// The value, or `None` when what is wrong has been reported.
    fn read(line: Statement<'_>, session: &mut Session<'_>) -> Option<Self>;

    /// Takes in what a line says; false if there is a fault in it, which is reported.
    fn read_into(values: &mut Vec<Self>, line: Statement<'_>, session: &mut Session<'_>) -> bool {
        let value = Self::read(line, session);
        let sound = value.is_some();
        values.extend(value);
        sound
    }

    /// Writes the words of the line.
    fn write(&self, out: &mut Writer);

    /// Where it stands.
    fn span(&self) -> Span;
}

/// A field of a model that a statement sets.
pub(crate) trait Field {
    /// Takes in a statement; false if there is a fault in it, which is reported.
    fn set(&mut self, statement: Statement<'_>, session: &mut Session<'_>) -> bool;

    /// Writes the statement that says the same.
    fn write(&self, keyword: &'static Keyword, out: &mut Writer);

    /// Where it was set; nowhere if it was not.
    fn span(&self) -> Span;
}

/// A model whose fields are set by the statements of a block.
pub(crate) trait Settings {
    /// The block.
    const BLOCK: Block;

    /// The field that a keyword sets, if it sets one.
    fn field(&mut self, keyword: &str) -> Option<&mut dyn Field>;

    /// Every field with its keyword, in the order in which they are written.
    fn fields(&self, visit: &mut dyn FnMut(&'static Keyword, &dyn Field));
}

/// Makes [`Settings`] of a list of keywords and fields.
macro_rules! settings {
    ($model:ty, $block:expr, { $($keyword:literal => $($field:ident).+),* $(,)? }) => {
        impl $crate::lower::Settings for $model {
            const BLOCK: $crate::Block = $block;

            fn field(&mut self, keyword: &str) -> Option<&mut dyn $crate::lower::Field> {
                Some(match keyword {
                    $($keyword => &mut self.$($field).+,)*
                    _ => return None,
                })
            }

            fn fields(
                &self,
                visit: &mut dyn FnMut(&'static $crate::Keyword, &dyn $crate::lower::Field),
            ) {
                $(if let Some(keyword) = Self::BLOCK.keyword($keyword) {
                    visit(keyword, &self.$($field).+);
                })*
            }
        }
    };
}
pub(crate) use settings;

/// The keywords of one block that were there with a fault, so that they are not reported as missing too.
#[derive(Debug, Default)]
pub(crate) struct Faulty(Vec<&'static str>);

impl Faulty {
    pub(crate) fn add(&mut self, keyword: &'static str) {
        self.0.push(keyword);
    }

    pub(crate) fn contains(&self, keyword: &str) -> bool {
        self.0.contains(&keyword)
    }
}

/// Takes the statements of a block into a model. `special` is asked first, and says whether a statement that it takes
/// is sound; it leaves the others, which set fields, to the settings.
pub(crate) fn lower<M: Settings>(
    model: &mut M,
    block: Statement<'_>,
    session: &mut Session<'_>,
    mut special: impl FnMut(&mut M, Statement<'_>, &mut Session<'_>) -> Option<bool>,
) -> Faulty {
    let mut faulty = Faulty::default();
    for statement in block.children() {
        if statement.is_broken() || !take(model, statement, session, &mut special) {
            faulty.add(statement.name());
        }
    }
    faulty
}

fn take<M: Settings>(
    model: &mut M,
    statement: Statement<'_>,
    session: &mut Session<'_>,
    special: &mut impl FnMut(&mut M, Statement<'_>, &mut Session<'_>) -> Option<bool>,
) -> bool {
    if let Some(sound) = special(model, statement, session) {
        return sound;
    }
    match model.field(statement.name()) {
        Some(field) => set(field, statement, session),
        None => {
            debug_assert!(
                false,
                "`{}` is in the table but not in the settings",
                statement.name()
            );
            true
        }
    }
}

/// Lets a statement set a field, and says so if it is not the first that does.
pub(crate) fn set(field: &mut dyn Field, statement: Statement<'_>, session: &mut Session<'_>) -> bool {
    let first = field.span();
    let sound = field.set(statement, session);
    if sound {
        check_repeated(statement, first, session);
    }
    sound
}

/// For blocks without special statements.
pub(crate) fn nothing_special<M>(_: &mut M, _: Statement<'_>, _: &mut Session<'_>) -> Option<bool> {
    None
}

/// Replaces a setting by a value that was understood; whether it was.
pub(crate) fn keep<T>(
    setting: &mut Spanned<T>,
    value: Option<T>,
    statement: Statement<'_>,
    session: &mut Session<'_>,
) -> Option<bool> {
    let sound = value.is_some();
    if let Some(value) = value {
        check_repeated(statement, setting.span, session);
        *setting = Spanned::new(value, statement.place());
    }
    Some(sound)
}

/// keepalived takes a repeated statement in silence, and the last one counts. A file that says otherwise than another
/// one that it includes, or that includes it, does so on purpose.
fn check_repeated(statement: Statement<'_>, first: Span, session: &mut Session<'_>) {
    if first.source != statement.span().source || statement.keyword().is_none_or(|keyword| keyword.repeats) {
        return;
    }
    let message = format!("`{}` is given twice; the last one counts", statement.name());
    session.report(
        Diagnostic::warning(Code::Repeated, message)
            .label(statement.span(), "this one counts")
            .label(first, "ignored"),
    );
}

impl<T: Value> Field for Spanned<T> {
    fn set(&mut self, statement: Statement<'_>, session: &mut Session<'_>) -> bool {
        let Some(value) = T::read(statement, session) else {
            return false;
        };
        *self = Spanned::new(value, statement.place());
        true
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        self.value.write(keyword, out);
    }

    fn span(&self) -> Span {
        self.span
    }
}

impl<T: Value> Field for Option<Spanned<T>> {
    fn set(&mut self, statement: Statement<'_>, session: &mut Session<'_>) -> bool {
        let Some(value) = T::read(statement, session) else {
            return false;
        };
        *self = Some(Spanned::new(value, statement.place()));
        true
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        if let Some(value) = self {
            value.value.write(keyword, out);
        }
    }

    fn span(&self) -> Span {
        self.as_ref().map_or(Span::NOWHERE, |value| value.span)
    }
}

/// What is rarely there is kept apart.
impl<T: Value> Field for Option<Box<Spanned<T>>> {
    fn set(&mut self, statement: Statement<'_>, session: &mut Session<'_>) -> bool {
        let Some(value) = T::read(statement, session) else {
            return false;
        };
        *self = Some(Box::new(Spanned::new(value, statement.place())));
        true
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        if let Some(value) = self {
            value.value.write(keyword, out);
        }
    }

    fn span(&self) -> Span {
        self.as_ref().map_or(Span::NOWHERE, |value| value.span)
    }
}

/// A block of lines; a second block adds to the first.
impl<T: Line> Field for Vec<T> {
    fn set(&mut self, statement: Statement<'_>, session: &mut Session<'_>) -> bool {
        let mut sound = true;
        for line in statement.children() {
            sound &= T::read_into(self, line, session);
        }
        // Most lists have one line, and a list that grows has room for four.
        self.shrink_to_fit();
        sound
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        if self.is_empty() {
            return;
        }
        out.block(keyword.name, &[], |out| {
            for value in self {
                out.line(|out| value.write(out));
            }
        });
    }

    fn span(&self) -> Span {
        self.first().map_or(Span::NOWHERE, Line::span)
    }
}
