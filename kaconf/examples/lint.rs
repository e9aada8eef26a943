//! Says what is wrong with each keepalived.conf named on the command line.
#![allow(clippy::print_stdout, reason = "it is a program")]

use std::path::Path;

use kaconf::{FsLoader, Options, parse, render};

fn main() {
    for path in std::env::args().skip(1) {
        let parsed = parse(&FsLoader, Path::new(&path), &Options::default());
        for diagnostic in &parsed.diagnostics {
            println!("{}\n", render(diagnostic, &parsed.sources, false));
        }
        println!("{path}: {} virtual routers", parsed.config.instances.len());
    }
}
