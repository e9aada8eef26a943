use super::Reader;
use crate::session::Session;
use crate::{Code, Diagnostic, Span};

impl Reader {
    /// What a predefined variable stands for; `None` if there is none of that name.
    pub(super) fn predefined(
        &mut self,
        name: &str,
        arguments: &str,
        site: Span,
        session: &mut Session<'_>,
    ) -> Option<String> {
        let value = match name {
            "_PWD" => {
                let directory = session.loader.absolute(self.directory());
                directory.to_string_lossy().into_owned()
            }
            "_INSTANCE" => session.options.config_id.clone().unwrap_or_default(),
            "_HASH" => "#".to_owned(),
            "_BANG" => "!".to_owned(),
            "_ENV" => session.loader.variable(arguments).unwrap_or_else(|| {
                let message = format!("the environment has no variable `{arguments}`");
                session.report(Diagnostic::warning(Code::UndefinedVariable, message).label(site, "empty"));
                String::new()
            }),
            "_RANDOM" => self.random(arguments, site, session).to_string(),
            _ => return None,
        };
        let charged = self.macros.charge(value.len(), site, session);
        Some(if charged { value } else { String::new() })
    }

    /// Starts `${_RANDOM}` anew.
    pub(super) fn seed(&mut self, seed: &str) {
        if let Ok(seed) = seed.parse::<u32>() {
            self.macros.random = Some(u64::from(seed));
        }
    }

    fn random(&mut self, arguments: &str, site: Span, session: &mut Session<'_>) -> u32 {
        let mut numbers = arguments.split_whitespace().map(str::parse::<u32>);
        let first = numbers.next().unwrap_or(Ok(0));
        let last = numbers.next().unwrap_or(Ok(MAX));
        let (Ok(first), Ok(last), None) = (first, last, numbers.next()) else {
            report_arguments("takes two numbers at most", site, session);
            return 0;
        };
        if first > last {
            report_arguments("takes the smaller number first", site, session);
            return first;
        }
        let state = self.macros.random.unwrap_or_else(|| session.loader.seed());
        let (state, number) = next(state);
        self.macros.random = Some(state);
        let offset = number % (u64::from(last - first) + 1);
        first + u32::try_from(offset).unwrap_or(0)
    }
}

fn report_arguments(what: &str, site: Span, session: &mut Session<'_>) {
    session.report(Diagnostic::error(Code::InvalidArgument, format!("`_RANDOM` {what}")).at(site));
}

/// SplitMix64: the next state, and a number.
fn next(state: u64) -> (u64, u64) {
    let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut number = state;
    number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (state, number ^ (number >> 31))
}

const MAX: u32 = 32767;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_sequence() {
        let (state, first) = next(1_234_567);
        let (_, second) = next(state);
        assert_eq!(
            [first, second],
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]
        );
    }
}
