//! Many virtual routers, one deadline.

use crate::{Counters, Discard, DiscardKind, Environment, Input, InvalidConfig, Output, RouterConfig, RouterId, StateKind, Time};

/// The election of many virtual routers.
#[derive(Clone, Debug, Default)]
pub struct Engine {}

impl Engine {
    /// An engine without routers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a router and starts it (RFC 9568 section 6.4.1), or puts it in FAULT if `environment` lacks something.
    pub fn add_router(
        &mut self,
        now: Time,
        config: RouterConfig,
        environment: Environment,
    ) -> Result<RouterId, InvalidConfig> {
        todo!()
    }

    /// Resigns for the router, if master, and forgets it once its outputs are polled.
    pub fn remove_router(&mut self, now: Time, router: RouterId) {
        todo!()
    }

    /// Takes in what happened. Only packets can be discarded.
    pub fn handle_input(&mut self, now: Time, input: Input<'_>) -> Result<(), Discard> {
        todo!()
    }

    /// Does what is due at `now`. Afterwards [`Engine::poll_timeout`] is later than `now`.
    pub fn handle_timeout(&mut self, now: Time) {
        todo!()
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<(RouterId, Output)> {
        todo!()
    }

    /// When [`Engine::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        todo!()
    }

    /// The routers, in the order in which they were added.
    pub fn routers(&self) -> impl Iterator<Item = RouterId> + '_ {
        std::iter::empty()
    }

    /// The router's state.
    pub fn state(&self, router: RouterId) -> Option<StateKind> {
        todo!()
    }

    /// The router's configuration.
    pub fn config(&self, router: RouterId) -> Option<&RouterConfig> {
        todo!()
    }

    /// What the router has counted.
    pub fn counters(&self, router: RouterId) -> Option<&Counters> {
        todo!()
    }

    /// Packets of the router that were discarded, by kind; kinds that never happened are left out.
    pub fn discards(&self, router: RouterId) -> impl Iterator<Item = (DiscardKind, u64)> + '_ {
        std::iter::empty()
    }

    /// Packets that belong to no router, by kind.
    pub fn stray_discards(&self) -> impl Iterator<Item = (DiscardKind, u64)> + '_ {
        std::iter::empty()
    }
}
