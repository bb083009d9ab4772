//! The README's screenshots, rendered from the real screens: a test fails when one is stale.
//! `UPDATE_SCREENSHOTS=1 cargo test --test offline screenshots` writes them anew.

use std::path::Path;

use migrate_tui::ui::Theme;
use ratatui::buffer::Buffer;

use crate::{
    cockpit::waiting,
    fixture,
    init::Repository,
    journey::{Journey, text},
    preview::{Stage, look, steady},
    svg::svg,
};

fn check(name: &str, title: &str, journey: &Journey) {
    check_screen(name, title, &journey.buffer);
}

fn check_screen(name: &str, title: &str, buffer: &Buffer) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots").join(format!("{name}.svg"));
    let fresh = svg(buffer, title);
    if std::env::var_os("UPDATE_SCREENSHOTS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &fresh).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == fresh,
        "screenshots/{name}.svg is stale: UPDATE_SCREENSHOTS=1 cargo test --test offline screenshots\n{}",
        text(buffer)
    );
}

#[test]
fn overview() {
    let mut journey = Journey::at_overlay(140, 40);
    journey.keys("a");
    check("overview", "The plan, what applying a step would change, and the live panes", &journey);
}

#[test]
fn confirm() {
    let mut journey = Journey::at_overlay(140, 40);
    journey.setting.confirmation = migrate_tui::plan::Confirmation::TypeName;
    journey.keys("a a tab 'stag'");
    check("confirm", "A confirmation that wants the environment's name typed", &journey);
}

#[test]
fn waiting_with_reasons() {
    check("waiting", "Waiting for readiness, with reasons, worst first", &waiting(140, 40));
}

#[test]
fn rollback() {
    let mut journey = Journey::at_overlay(140, 40);
    journey.keys("a a tab enter r");
    check("rollback", "A rollback that leaves what others have changed since", &journey);
}

#[test]
fn small() {
    let mut journey = Journey::at_overlay(80, 24);
    journey.keys("a tab down");
    check("80x24", "The same at 80 columns and 24 rows", &journey);
}

#[test]
fn high_contrast() {
    let mut journey = Journey::at_overlay(140, 40);
    journey.theme = Theme::built_in("high-contrast").unwrap().unwrap();
    journey.keys("a tab down down");
    check("high-contrast", "The high-contrast theme", &journey);
}

#[test]
fn light() {
    let mut journey = waiting(140, 40);
    journey.theme = Theme::built_in("light").unwrap().unwrap();
    journey.keys("tab down");
    check("light", "The light theme", &journey);
}

#[test]
fn read_only_rehearsal() {
    let mut journey = Journey::new(120, 40);
    journey.mode = migrate_tui::app::Mode::ReadOnly;
    journey.observed.simulated = true;
    journey.keys("down down d");
    journey.observed.pods.rows.remove(&fixture::name("gateway-7d9c5f6b8-q8zvn"));
    journey.say(migrate_tui::app::Message::World);
    check("read-only", "A watcher's screen on a rehearsal cluster", &journey);
}

#[test]
fn init() {
    let mut stage = Stage::on(steady(look(&Repository::with("32-shop-forty"))), 140, 40);
    stage.keys("2 f f down down down down");
    check_screen("init", "What became of every key of a compose file, on the screen of init", &stage.buffer);
}
