//! Who is master when, as a person likes to read it.

use super::fate::{Fate, Masters, OnReturn};
use crate::simulate::listed;

/// A line for each virtual router, under one that says what the columns are.
pub(super) fn draw(fates: &[Fate], names: &[String], colour: bool) -> String {
    let mut rows = vec![head(names)];
    rows.extend(fates.iter().map(|fate| row(fate, names)));
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let lines = rows.iter().map(|row| {
        let cells = row.iter().zip(&widths);
        let cells: Vec<String> = cells.map(|(cell, width)| format!("{cell:<width$}")).collect();
        format!("  {}", cells.join("   ")).trim_end().to_owned()
    });
    let is_wrong = std::iter::once(false).chain(fates.iter().map(is_wrong));
    let lines = lines
        .zip(is_wrong)
        .map(|(line, is_wrong)| match is_wrong && colour {
            true => format!("\x1b[31m{line}\x1b[0m"),
            false => line,
        });
    lines.map(|line| line + "\n").collect()
}

fn head(names: &[String]) -> Vec<String> {
    let mut head = vec!["who is master".to_owned(), "all up".to_owned()];
    head.extend(names.iter().map(|name| format!("without {name}")));
    head.push("when the master is back".to_owned());
    head
}

fn row(fate: &Fate, names: &[String]) -> Vec<String> {
    let group = &fate.group;
    let mut row = vec![format!("{} ({} on {})", group.name, group.vrid, fate.interface)];
    row.push(masters(&fate.all_up, names));
    row.extend(fate.without.iter().map(|without| masters(without, names)));
    row.push(on_return(fate, names));
    row
}

fn masters(masters: &Masters, names: &[String]) -> String {
    let name = |router: &usize| names.get(*router).map_or("?", String::as_str);
    if masters.at_once.is_empty() {
        listed(&masters.possible.iter().map(name).collect::<Vec<_>>(), "or")
    } else {
        listed(&masters.at_once.iter().map(name).collect::<Vec<_>>(), "and")
    }
}

fn on_return(fate: &Fate, names: &[String]) -> String {
    let who = || masters(&fate.all_up, names);
    let one = fate.all_up.possible.len() == 1;
    match fate.on_return {
        Some(OnReturn::TakesBack) if one => format!("{} takes it back", who()),
        Some(OnReturn::TakesBack) => "takes it back".to_owned(),
        Some(OnReturn::Keeps) => "who took over keeps it".to_owned(),
        Some(OnReturn::Depends) => "depends on who it was".to_owned(),
        None => "-".to_owned(),
    }
}

fn is_wrong(fate: &Fate) -> bool {
    !fate.all_up.at_once.is_empty()
}
