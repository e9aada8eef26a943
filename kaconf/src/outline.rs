//! A configuration as statements again: what it says, what it inherits, and what counts by default.

use std::borrow::Cow;

use crate::keyword::Keyword;
use crate::lower::{Field, Settings, Value};
use crate::write::Writer;
use crate::{Config, Span, Spanned};

/// A block of the effective configuration: every setting it has, written or not.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outline {
    /// How the block begins: `vrrp_instance VI_1`; empty for what stands outside all blocks.
    pub header: String,
    /// Its settings, in the order of the keyword table.
    pub settings: Vec<Setting>,
    /// The blocks within that are no settings of their own.
    pub blocks: Vec<Outline>,
    secrets: bool,
    /// Its being there says something even if nothing is in it.
    is_said: bool,
}

/// One setting of a block.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Setting {
    /// Its keyword.
    pub keyword: &'static Keyword,
    /// Where the value was written: in this block, or in one that it is inherited from; nowhere if it is a default.
    pub span: Span,
    /// Whether the block would have the same without the statement.
    pub is_default: bool,
    text: Vec<u8>,
}

impl Setting {
    /// The statement, of one line or several; empty if the absence of the keyword says the same.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.text.trim_ascii_end())
    }
}

/// Every setting of a configuration. With `secrets`, passwords and keys too; without, `********`.
pub fn outline(config: &Config, secrets: bool) -> Outline {
    let mut root = Outline::new(String::new(), secrets);
    config.outline(&mut root);
    root
}

/// A configuration as the text of a file. Parsed again, it is the same configuration.
///
/// A string with a double quote or a line's end in it has no spelling in the language, and none comes of a parse.
pub fn print(config: &Config) -> Vec<u8> {
    let mut text = Vec::new();
    outline(config, true).print(0, &mut text);
    text
}

impl Outline {
    fn new(header: String, secrets: bool) -> Self {
        Outline {
            header,
            settings: Vec::new(),
            blocks: Vec::new(),
            secrets,
            is_said: false,
        }
    }

    /// Adds a block, and answers with it.
    pub(crate) fn block(&mut self, keyword: &str, arguments: &[&str]) -> &mut Outline {
        let mut header = Writer::new(self.secrets);
        header.header(keyword, arguments);
        let header = String::from_utf8_lossy(&header.finish()).into_owned();
        self.blocks.push(Outline::new(header, self.secrets));
        self.blocks.last_mut().expect("just pushed")
    }

    /// Adds a block that says something by being there.
    pub(crate) fn said(&mut self, keyword: &str, arguments: &[&str]) -> &mut Outline {
        let block = self.block(keyword, arguments);
        block.is_said = true;
        block
    }

    /// Adds a block of lines as one setting.
    pub(crate) fn lines(&mut self, keyword: &'static Keyword, span: Span, write: impl FnOnce(&mut Writer)) {
        let text = self.text(keyword, |_, out| write(out));
        self.settings.push(Setting {
            keyword,
            span,
            is_default: false,
            text,
        });
    }

    /// Adds the settings of a model. `inherited` has what the block would have without a single statement in it.
    pub(crate) fn settings<M: Settings>(&mut self, model: &M, inherited: &M) -> &mut Self {
        let mut without = Vec::new();
        inherited.fields(&mut |keyword, field| {
            without.push(self.text(keyword, |keyword, out| field.write(keyword, out)));
        });
        let mut without = without.into_iter();
        model.fields(&mut |keyword, field| {
            let text = self.text(keyword, |keyword, out| field.write(keyword, out));
            let is_default = without.next().is_some_and(|without| without == text);
            self.settings.push(Setting {
                keyword,
                span: field.span(),
                is_default,
                text,
            });
        });
        self
    }

    /// Adds a statement that is no field of a model.
    pub(crate) fn statement<V: Value>(&mut self, keyword: &'static Keyword, value: &Spanned<V>) {
        let text = self.text(keyword, |keyword, out| value.value.write(keyword, out));
        self.settings.push(Setting {
            keyword,
            span: value.span,
            is_default: false,
            text,
        });
    }

    /// Adds a statement that stands for itself, if it says anything.
    pub(crate) fn field(&mut self, keyword: &'static Keyword, field: &dyn Field) {
        let text = self.text(keyword, |keyword, out| field.write(keyword, out));
        self.settings.push(Setting {
            keyword,
            span: field.span(),
            is_default: text.is_empty(),
            text,
        });
    }

    fn text(&self, keyword: &'static Keyword, write: impl FnOnce(&'static Keyword, &mut Writer)) -> Vec<u8> {
        let mut out = Writer::new(self.secrets);
        write(keyword, &mut out);
        out.finish()
    }

    fn print(&self, depth: usize, to: &mut Vec<u8>) {
        for setting in self.settings.iter().filter(|setting| !setting.is_default) {
            for line in setting.text.split_inclusive(|&byte| byte == b'\n') {
                indent(depth, to);
                to.extend(line);
            }
        }
        for block in self.blocks.iter().filter(|block| block.says_something()) {
            indent(depth, to);
            to.extend(block.header.as_bytes());
            to.extend(b" {\n");
            block.print(depth + 1, to);
            indent(depth, to);
            to.extend(b"}\n");
        }
    }

    /// A block with a name says that there is such a thing; others say what is in them.
    fn says_something(&self) -> bool {
        self.is_said
            || self.header.contains(' ')
            || !self.blocks.is_empty()
            || self.settings.iter().any(|setting| !setting.is_default)
    }
}

fn indent(depth: usize, to: &mut Vec<u8>) {
    to.extend(std::iter::repeat_n(b' ', 4 * depth));
}
