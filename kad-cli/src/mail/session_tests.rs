//! The client against servers of every kind.

use std::time::SystemTime;

use super::*;

/// What the client says up to the end of each answer, and what becomes of the letter.
struct Talk {
    session: Session,
    said: String,
}

impl Talk {
    fn new(to: &[&str]) -> Self {
        let settings = Settings {
            to: to.iter().map(|to| Address::new(to).unwrap()).collect(),
            ..Settings::example()
        };
        let letter = Letter::new(
            &settings,
            &Message::new("s", ".dot\nend"),
            SystemTime::UNIX_EPOCH,
            1,
            1,
        );
        Self {
            session: Session::new(letter, &settings.helo),
            said: String::new(),
        }
    }

    fn hears(&mut self, bytes: &str) -> &mut Self {
        self.session.handle_data(bytes.as_bytes());
        let mut buffer = Vec::new();
        self.session.poll_transmit(&mut buffer);
        self.said.push_str(std::str::from_utf8(&buffer).unwrap());
        self
    }

    fn up_to(to: &[&str], answers: usize) -> Self {
        let mut talk = Self::new(to);
        let good = ["220 hi\r\n", "250 hello\r\n", "250 ok\r\n"].into_iter();
        let good = good
            .chain(to.iter().map(|_| "250 ok\r\n"))
            .chain(["354 go\r\n", "250 queued\r\n"]);
        good.take(answers).for_each(|answer| {
            talk.hears(answer);
        });
        talk
    }

    fn outcome(&mut self) -> Option<Outcome> {
        self.session.outcome()
    }
}

fn later(delay: Delay, part: &str) -> impl Fn(Option<Outcome>) -> bool {
    move |outcome| {
        matches!(&outcome, Some(Outcome::Later { delay: found, reason, .. }) if *found == delay && reason.contains(part))
            || panic!("expected {delay:?} {part:?}, found {outcome:?}")
    }
}

const STEPS: [Step; 6] = [
    Step::Banner,
    Step::Hello,
    Step::Sender,
    Step::Recipient,
    Step::Data,
    Step::Content,
];

#[test]
fn letter_goes_the_whole_way() {
    let mut talk = Talk::up_to(&["a@x", "b@x"], 7);
    assert_eq!(
        talk.outcome(),
        Some(Outcome::Delivered {
            refused: vec![],
            deferred: vec![]
        })
    );
    let (envelope, content) = talk.said.split_once("DATA\r\n").unwrap();
    assert_eq!(
        envelope,
        "HELO r1.example.org\r\nMAIL FROM:<kad@example.org>\r\nRCPT TO:<a@x>\r\nRCPT TO:<b@x>\r\n"
    );
    assert!(
        content.ends_with("\r\n\r\n..dot\r\nend\r\n.\r\nQUIT\r\n"),
        "{content}"
    );
    assert_eq!(content.matches("\r\n.\r\n").count(), 1);
    assert!(!talk.session.is_over());
    assert!(talk.hears("221 bye\r\n").session.is_over());
}

#[test]
fn answers_of_many_lines_and_in_pieces_are_one_answer() {
    let mut talk = Talk::new(&["a@x"]);
    for piece in ["220-we", "lcome\r\n220-no spam\r\n22", "0 ready\r", "\n"] {
        assert_eq!(talk.said, "");
        talk.hears(piece);
    }
    assert_eq!(talk.said, "HELO r1.example.org\r\n");
}

#[test]
fn silence_at_each_step_is_the_servers_fault() {
    for (answers, step) in STEPS.into_iter().enumerate() {
        let mut talk = Talk::up_to(&["a@x"], answers);
        assert_eq!(talk.session.step(), step);
        talk.session.handle_timeout();
        assert!(talk.session.is_over());
        later(Delay::Server, "no answer")(talk.outcome());
    }
}

#[test]
fn half_a_line_does_not_count_as_progress() {
    for answers in 0..STEPS.len() {
        let mut talk = Talk::up_to(&["a@x"], answers);
        let (steps, said) = (talk.session.steps(), talk.said.len());
        talk.hears("250-x\r\n25");
        assert_eq!((talk.session.steps(), talk.said.len()), (steps, said));
        talk.session.handle_close("the connection was closed");
        later(Delay::Server, "closed while waiting for")(talk.outcome());
    }
}

#[test]
fn closing_with_421_at_each_step_means_later() {
    for answers in 0..STEPS.len() {
        let mut talk = Talk::up_to(&["a@x"], answers);
        talk.hears("421 going down\r\n");
        assert!(talk.session.is_over());
        later(Delay::Server, "421 going down")(talk.outcome());
    }
}

#[test]
fn each_step_may_say_later_or_never() {
    for (answers, step) in STEPS.into_iter().enumerate() {
        let mut talk = Talk::up_to(&["a@x"], answers);
        talk.hears("451 busy\r\n");
        let delay = if step == Step::Banner {
            Delay::Server
        } else {
            Delay::Letter
        };
        later(delay, "451 busy")(talk.outcome());
        assert!(talk.said.ends_with("QUIT\r\n"));

        let mut talk = Talk::up_to(&["a@x"], answers);
        talk.hears("554 no\r\n");
        assert!(matches!(talk.outcome(), Some(Outcome::Never(reason)) if reason.contains("554 no")));
        assert!(talk.said.ends_with("QUIT\r\n"));
    }
}

#[test]
fn endless_banner_ends() {
    let mut talk = Talk::new(&["a@x"]);
    for _ in 0..1000 {
        talk.hears("220-and another thing\r\n");
    }
    later(Delay::Server, "more than 100 lines")(talk.outcome());
    let mut talk = Talk::new(&["a@x"]);
    for _ in 0..1000 {
        talk.hears("220 and so on ");
    }
    later(Delay::Server, "longer than")(talk.outcome());
    assert_eq!(talk.said, "");
}

#[test]
fn another_protocol_is_named() {
    let mut talk = Talk::new(&["a@x"]);
    talk.hears("SSH-2.0-OpenSSH_9.2\r\n");
    later(Delay::Server, "SSH-2.0-OpenSSH_9.2")(talk.outcome());
}

#[test]
fn one_refused_recipient_of_several_does_not_lose_the_mail() {
    let mut talk = Talk::up_to(&["a@x", "b@x", "c@x"], 3);
    talk.hears("550 no a\r\n")
        .hears("250 ok\r\n")
        .hears("450 full\r\n");
    assert!(talk.said.ends_with("DATA\r\n"));
    talk.hears("354 go\r\n").hears("250 ok\r\n");
    let Some(Outcome::Delivered { refused, deferred }) = talk.outcome() else {
        panic!()
    };
    assert_eq!(refused[0].recipient.as_str(), "a@x");
    assert_eq!(refused[0].reply.to_string(), "550 no a");
    assert_eq!(deferred[0].recipient.as_str(), "c@x");
}

#[test]
fn no_recipient_at_all_means_later_if_one_may_be_accepted_then() {
    let mut talk = Talk::up_to(&["a@x", "b@x"], 3);
    talk.hears("550 no\r\n").hears("450 later\r\n");
    assert!(!talk.said.contains("DATA"));
    let Some(Outcome::Later { refused, .. }) = talk.outcome() else {
        panic!()
    };
    assert_eq!(refused.len(), 1);
    let mut talk = Talk::up_to(&["a@x", "b@x"], 3);
    talk.hears("550 no\r\n").hears("551 gone\r\n");
    assert_eq!(talk.outcome(), Some(Outcome::Never("b@x: 551 gone".to_owned())));
}

#[test]
fn answers_to_questions_that_were_not_asked_confirm_nothing() {
    let mut talk = Talk::new(&["a@x"]);
    talk.hears(&format!(
        "220 hi\r\n{}354 go\r\n250 ok\r\n",
        "250 ok\r\n".repeat(3)
    ));
    later(Delay::Server, "more than one answer")(talk.outcome());
    assert_eq!(talk.said, "");
}

#[test]
fn data_needs_the_right_answer() {
    let mut talk = Talk::up_to(&["a@x"], 4);
    talk.hears("250 ok\r\n");
    later(Delay::Server, "354 belongs")(talk.outcome());
    assert!(talk.said.ends_with("DATA\r\n"));
    let mut talk = Talk::up_to(&["a@x"], 1);
    talk.hears("354 go\r\n");
    later(Delay::Server, "250 belongs")(talk.outcome());
}

#[test]
fn what_was_confirmed_stays_confirmed_whatever_comes_after() {
    for end in ["nonsense\r\n", "421 bye\r\n", "500 what\r\n"] {
        let mut talk = Talk::up_to(&["a@x"], 6);
        talk.hears(end);
        talk.session.handle_close("the connection was closed");
        assert!(matches!(talk.outcome(), Some(Outcome::Delivered { .. })));
        assert!(talk.session.is_over());
    }
}
