//! Names to addresses, without waiting for them.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::thread;

use mio::Waker;

use super::Server;

/// Looks names up as the system does, which may take its time: in a thread, and never in more than one.
#[derive(Debug)]
pub(super) struct Lookup {
    waker: Arc<Waker>,
    running: Option<(Server, Receiver<Answer>)>,
}

type Answer = io::Result<Vec<SocketAddr>>;

impl Lookup {
    /// The waker is used when there is an answer.
    pub(super) fn new(waker: Waker) -> Self {
        Self {
            waker: Arc::new(waker),
            running: None,
        }
    }

    /// Asks for the server's addresses. A question that has no answer yet is not asked again.
    pub(super) fn start(&mut self, server: &Server) -> io::Result<()> {
        if self.running.is_some() {
            return Ok(());
        }
        let (sender, receiver) = mpsc::channel();
        if let Ok(address) = server.host.parse::<IpAddr>() {
            let _ = sender.send(Ok(vec![SocketAddr::new(address, server.port)]));
        } else {
            let (server, waker) = (server.clone(), Arc::clone(&self.waker));
            thread::Builder::new()
                .name("mail look-up".to_owned())
                .spawn(move || {
                    let found = (server.host.as_str(), server.port).to_socket_addrs();
                    let _ = sender.send(found.map(|found| found.take(MOST).collect()));
                    let _ = waker.wake();
                })?;
        }
        self.running = Some((server.clone(), receiver));
        Ok(())
    }

    /// The answer about this server, once. One about another is of no use any more: the question is asked anew.
    pub(super) fn poll(&mut self, server: &Server) -> Option<Answer> {
        let (about, receiver) = self.running.as_ref()?;
        let answer = match receiver.try_recv() {
            Err(TryRecvError::Empty) => return None,
            Err(TryRecvError::Disconnected) => Err(io::Error::other("the look-up came to nothing")),
            Ok(answer) => answer,
        };
        let is_current = about == server;
        self.running = None;
        if is_current {
            return Some(answer);
        }
        match self.start(server) {
            Ok(()) => self.poll(server),
            Err(error) => Some(Err(error)),
        }
    }
}

/// Addresses of one name that are tried.
const MOST: usize = 16;
