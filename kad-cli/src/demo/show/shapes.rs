//! SVG, as far as it is needed here.

use std::fmt::Write;

/// A picture that grows.
#[derive(Debug)]
pub(super) struct Drawing {
    text: String,
}

/// Where a text is, seen from its point.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Font {
    pub(super) size: f64,
    pub(super) fill: &'static str,
    pub(super) bold: bool,
}

impl Font {
    pub(super) const fn new(size: f64, fill: &'static str, bold: bool) -> Self {
        Self { size, fill, bold }
    }
}

/// A rectangle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rect {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Drawing {
    /// An empty picture on paper of its own, so that it can be read on any background.
    pub(super) fn new(width: f64, height: f64, title: &str, paper: &str, edge: &str) -> Self {
        let mut text = String::new();
        let title = escaped(title);
        // Writing to a string cannot fail; the same below.
        let _ = write!(
            text,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"{FONTS}\">\n<title>{title}</title>\n\
             <rect x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"10\" fill=\"{paper}\" stroke=\"{edge}\"/>\n",
            width - 1.0,
            height - 1.0
        );
        Self { text }
    }

    pub(super) fn finish(mut self) -> String {
        self.text.push_str("</svg>\n");
        self.text
    }

    pub(super) fn rect(&mut self, rect: Rect, radius: f64, fill: &str) {
        let _ = writeln!(
            self.text,
            "<rect {} rx=\"{radius}\" fill=\"{fill}\"/>",
            rect.attributes()
        );
    }

    pub(super) fn outline(&mut self, rect: Rect, radius: f64, stroke: &str) {
        let _ = writeln!(
            self.text,
            "<rect {} rx=\"{radius}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"1.5\" stroke-dasharray=\"4 3\"/>",
            rect.attributes()
        );
    }

    /// A vertical line.
    pub(super) fn upright(&mut self, x: f64, from: f64, to: f64, stroke: &str, dashes: &str) {
        let dashes = if dashes.is_empty() {
            String::new()
        } else {
            format!(" stroke-dasharray=\"{dashes}\"")
        };
        let _ = writeln!(
            self.text,
            "<line x1=\"{x:.1}\" y1=\"{from:.1}\" x2=\"{x:.1}\" y2=\"{to:.1}\" stroke=\"{stroke}\"{dashes}/>"
        );
    }

    /// Many short upright lines from `y` downwards, as one element.
    pub(super) fn ticks(&mut self, xs: impl Iterator<Item = f64>, y: f64, length: f64, stroke: &str) {
        let path: String = xs.map(|x| format!("M{x:.1} {y:.1}v{length}")).collect();
        if !path.is_empty() {
            let _ = writeln!(
                self.text,
                "<path d=\"{path}\" stroke=\"{stroke}\" stroke-width=\"1.2\" fill=\"none\"/>"
            );
        }
    }

    /// A triangle that points up to (`x`, `y`).
    pub(super) fn triangle(&mut self, x: f64, y: f64, fill: &str, title: &str) {
        let title = escaped(title);
        let _ = writeln!(
            self.text,
            "<path d=\"M{x:.1} {y:.1}l-4.5 8h9z\" fill=\"{fill}\"><title>{title}</title></path>"
        );
    }

    pub(super) fn write(&mut self, x: f64, y: f64, anchor: Anchor, font: Font, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let weight = if font.bold { " font-weight=\"600\"" } else { "" };
        let _ = writeln!(
            self.text,
            "<text x=\"{x:.1}\" y=\"{y:.1}\"{anchor}{weight} font-size=\"{}\" fill=\"{}\">{}</text>",
            font.size,
            font.fill,
            escaped(text)
        );
    }
}

impl Rect {
    fn attributes(&self) -> String {
        let Self { x, y, width, height } = self;
        format!("x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"")
    }
}

/// Text as XML takes it: names come from configuration files. Control characters have no place in XML at all.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for sign in text.chars() {
        match sign {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            sign if sign.is_control() => escaped.push('?'),
            sign => escaped.push(sign),
        }
    }
    escaped
}

const FONTS: &str = "system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_the_xml() {
        assert_eq!(escaped("a<b>&\"\u{1}é"), "a&lt;b&gt;&amp;&quot;?é");
    }
}
