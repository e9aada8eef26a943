//! A drawing of the machines and what joins them.

use super::paint::Paint;
use crate::demo::players::{Player, Players};

/// A box for each machine, and a line below them.
pub(super) fn draw(players: &Players, paint: Paint) -> Vec<String> {
    let routers = players.routers.iter().enumerate();
    let mut cells: Vec<Vec<String>> = routers
        .map(|(place, router)| describe(players, place, router))
        .collect();
    cells.push(client(players));
    let height = cells.iter().map(Vec::len).max().unwrap_or_default();
    let width = cells.iter().flatten().map(|line| line.chars().count()).max();
    let width = width.unwrap_or_default().max(NARROWEST);
    let row = |draw: &dyn Fn(&Vec<String>) -> String| {
        let boxes: Vec<String> = cells.iter().map(draw).collect();
        format!("{MARGIN}{}", boxes.join(GAP))
    };
    let edge = "─".repeat(width + 2);
    let mut lines = vec![row(&|_| format!("┌{edge}┐"))];
    for place in 0..height {
        lines.push(row(&|cell| {
            let text = cell.get(place).map_or("", String::as_str);
            let padded = format!("{text:<width$}");
            let painted = if place == 0 { paint.bold(&padded) } else { padded };
            format!("│ {painted} │")
        }));
    }
    // The line from a box's middle down to what joins them all.
    let half = width.div_ceil(2);
    let (left, right) = ("─".repeat(half), "─".repeat(width + 1 - half));
    lines.push(row(&|_| format!("└{left}┬{right}┘")));
    let (left, right) = ("═".repeat(half + 1), "═".repeat(width + 2 - half));
    let bus: Vec<String> = cells.iter().map(|_| format!("{left}╧{right}")).collect();
    lines.push(format!(
        "{MARGIN}{} {}",
        bus.join(&"═".repeat(GAP.len())),
        players.lans.join(" and ")
    ));
    lines
}

fn describe(players: &Players, place: usize, router: &Player) -> Vec<String> {
    let mut lines = vec![router.name.clone(), router.daemon.to_owned()];
    lines.extend(own_address(players, &router.addresses));
    let parts = players.groups.iter().filter_map(|group| group.member(place));
    let parts: Vec<String> = parts
        .map(|member| match players.groups.len() {
            1 => format!("priority {}", member.priority),
            _ => format!("{} priority {}", member.instance, member.priority),
        })
        .collect();
    lines.extend(parts.iter().take(SHOWN).cloned());
    if parts.len() > SHOWN {
        lines.push(format!("and {} more", parts.len() - SHOWN));
    }
    lines
}

fn client(players: &Players) -> Vec<String> {
    let mut lines = vec!["client".to_owned(), "ping".to_owned()];
    lines.extend(own_address(players, &players.client));
    lines
}

/// The address that has to do with the one that is pinged.
fn own_address(players: &Players, addresses: &[std::net::IpAddr]) -> Option<String> {
    let mut of_family = addresses
        .iter()
        .filter(|address| address.is_ipv4() == players.target.is_ipv4());
    of_family.next().map(ToString::to_string)
}

const MARGIN: &str = "  ";
const GAP: &str = "   ";
const NARROWEST: usize = 12;
const SHOWN: usize = 3;
