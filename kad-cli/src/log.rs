//! Logging that never makes its caller wait: lines go through a bounded queue to a thread that writes them. If nobody
//! reads the other end, lines are lost and counted, and nothing else happens.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, MakeWriter};
use tracing_subscriber::registry::LookupSpan;

/// Keeps the log going; when dropped, waits a moment for what is still queued.
#[derive(Debug)]
pub struct Guard {
    queue: Queue,
    done: Mutex<Receiver<()>>,
}

/// Sends the process's log to standard error, at `level` and above.
pub fn init(level: Level) -> Guard {
    let (guard, queue) = start(io::stderr());
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::from_level(level))
        .with_writer(queue)
        .event_format(Lines {
            colour: io::stderr().is_terminal(),
        })
        .init();
    guard
}

fn start(mut sink: impl Write + Send + 'static) -> (Guard, Queue) {
    let (lines, queued) = sync_channel(QUEUE_LEN);
    let (done_sender, done) = channel();
    let queue = Queue {
        lines,
        lost: Arc::new(AtomicU64::new(0)),
    };
    let lost = Arc::clone(&queue.lost);
    thread::Builder::new()
        .name("log".to_owned())
        .spawn(move || write_lines(&mut sink, &queued, &lost, &done_sender))
        .expect("a thread can be started before anything else has been");
    (
        Guard {
            queue: queue.clone(),
            done: Mutex::new(done),
        },
        queue,
    )
}

fn write_lines(sink: &mut impl Write, queued: &Receiver<Message>, lost: &AtomicU64, done: &Sender<()>) {
    while let Ok(message) = queued.recv() {
        // There is nobody to tell if the log cannot be written.
        match message {
            Message::Line(line) => {
                let _ = sink.write_all(&line);
            }
            Message::Flush => {
                let _ = sink.flush();
                let _ = done.send(());
            }
        }
        let count = lost.swap(0, Ordering::Relaxed);
        if count > 0 {
            let _ = writeln!(
                sink,
                "{count} log lines were lost: the log was not read fast enough"
            );
        }
    }
}

impl Drop for Guard {
    /// A reader that stands still does not hold up whatever comes after the exit.
    fn drop(&mut self) {
        let give_up = Instant::now() + FLUSH_LIMIT;
        while self.queue.lines.try_send(Message::Flush).is_err() {
            if Instant::now() >= give_up {
                return;
            }
            thread::sleep(FLUSH_RETRY);
        }
        if let Ok(done) = self.done.lock() {
            let _ = done.recv_timeout(give_up.saturating_duration_since(Instant::now()));
        }
    }
}

enum Message {
    Line(Vec<u8>),
    Flush,
}

#[derive(Clone, Debug)]
struct Queue {
    lines: SyncSender<Message>,
    lost: Arc<AtomicU64>,
}

impl<'a> MakeWriter<'a> for Queue {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line {
            queue: self.clone(),
            text: Vec::new(),
        }
    }
}

/// One line, handed over when dropped.
struct Line {
    queue: Queue,
    text: Vec<u8>,
}

impl Write for Line {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(part);
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let line = Message::Line(std::mem::take(&mut self.text));
        if self.queue.lines.try_send(line).is_err() {
            self.queue.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// `2026-03-01T12:00:00.123Z warning: text`; the level is left out for ordinary lines.
struct Lines {
    colour: bool,
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        ctx: &FmtContext<'_, S, N>,
        mut out: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let (paint, plain) = if self.colour {
            (colour(*event.metadata().level()), "\x1b[0m")
        } else {
            ("", "")
        };
        SystemTime.format_time(&mut out)?;
        write!(out, " {paint}{}", prefix(*event.metadata().level()))?;
        ctx.field_format().format_fields(out.by_ref(), event)?;
        writeln!(out, "{plain}")
    }
}

fn prefix(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error: ",
        Level::WARN => "warning: ",
        Level::INFO => "",
        Level::DEBUG => "debug: ",
        Level::TRACE => "trace: ",
    }
}

fn colour(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "",
        Level::DEBUG | Level::TRACE => "\x1b[2m",
    }
}

const QUEUE_LEN: usize = 4096;
const FLUSH_LIMIT: Duration = Duration::from_millis(100);
const FLUSH_RETRY: Duration = Duration::from_millis(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_that_stands_still_delays_nobody() {
        let (held, release) = (Arc::new(Mutex::new(())), Arc::new(Mutex::new(Vec::new())));
        let sink = Stuck {
            held: Arc::clone(&held),
            seen: Arc::clone(&release),
        };
        let lock = held.lock().unwrap();
        let (guard, queue) = start(sink);
        for _ in 0..2 * QUEUE_LEN {
            queue.make_writer().write_all(b"line\n").unwrap();
        }
        assert!(queue.lost.load(Ordering::Relaxed) >= u64::try_from(QUEUE_LEN - 1).unwrap());
        drop(lock);
        // The queue is full until the thread has taken something; then the flush gets in.
        while guard.queue.lines.try_send(Message::Flush).is_err() {
            thread::yield_now();
        }
        guard.done.lock().unwrap().recv().unwrap();
        let text = String::from_utf8(release.lock().unwrap().clone()).unwrap();
        assert!(text.contains("log lines were lost"), "{}", text.len());
    }

    struct Stuck {
        held: Arc<Mutex<()>>,
        seen: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Stuck {
        fn write(&mut self, part: &[u8]) -> io::Result<usize> {
            let _lock = self.held.lock().unwrap();
            self.seen.lock().unwrap().extend_from_slice(part);
            Ok(part.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
}
