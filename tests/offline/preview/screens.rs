//! Whole screens.

use std::{fs, time::Duration};

use migrate_tui::{
    app::{
        Mode,
        preview::{Finding, Outcome},
    },
    scaffold::Kind,
    ui::{Depth, Theme},
};
use ratatui::style::Color;

use super::{Stage, interrupted, look, steady};
use crate::init::Repository;

#[test]
fn sections_at_each_size() {
    for (width, height) in [(80, 24), (140, 40), (60, 15), (20, 5)] {
        let mut stage = Stage::on(steady(look(&Repository::with("06-overrides"))), 80, 24);
        for (keys, name) in [("1", "open"), ("2 f", "not_mapped"), ("3 down down", "files")] {
            stage.resize(80, 24);
            stage.keys(keys);
            stage.resize(width, height);
            insta::assert_snapshot!(format!("{name}_{width}x{height}"), stage.screen());
        }
    }
}

#[test]
fn dialogues_at_each_size() {
    for (width, height) in [(80, 24), (60, 15)] {
        let mut stage = Stage::on(steady(look(&Repository::with("02-web-and-db"))), width, height);
        stage.keys("w");
        insta::assert_snapshot!(format!("write_{width}x{height}"), stage.screen());
        stage.keys("esc ?");
        insta::assert_snapshot!(format!("help_{width}x{height}"), stage.screen());
    }
}

#[test]
fn errors_are_shown_at_their_line() {
    let mut stage = Stage::of("bad/wrong-values", 80, 24);
    stage.keys("down down down");
    insta::assert_snapshot!(stage.screen());
}

#[test]
fn an_interruption_says_what_can_be_done() {
    let finding = interrupted(look(&Repository::with("01-one-service")));
    let stage = Stage::on(finding, 80, 24);
    let screen = stage.screen();
    for wanted in ["3 of its 9 changes", "[ Finish it… ]", "[ Show the way back ]", "! interrupted"] {
        assert!(screen.contains(wanted), "{wanted}\n{screen}");
    }
}

#[test]
fn what_was_done_is_told_with_what_comes_next() {
    let mut stage = Stage::on(steady(look(&Repository::with("01-one-service"))), 80, 24);
    let outcome = Outcome {
        kind: Kind::Init,
        summary: "written".into(),
        counts: stage.finding.counts,
        beside: 0,
        kept: vec!["kubernetes/base/web-deployment.yml".into()],
        next: vec!["commit the files".into(), "migrate-tui check plan.yaml".into()],
    };
    let finding = Finding { outcome: Some(outcome), ..stage.finding.clone() };
    stage.look_again(finding);
    insta::assert_snapshot!(stage.screen());
}

#[test]
fn an_edited_file_is_shown_with_what_is_wanted() {
    let repository = Repository::with("01-one-service");
    fs::write(repository.at("plan.yaml"), "name: mine\n").unwrap();
    let mut stage = Stage::on(look(&repository), 100, 30);
    stage.keys("3 / p l a n . y enter tab");
    let screen = stage.screen();
    for wanted in ["was not written by init, and stays", "difference", "-name: mine", "plan.yaml.new"] {
        assert!(screen.contains(wanted), "{wanted}\n{screen}");
    }
    stage.keys("space");
    let screen = stage.screen();
    assert!(screen.contains("wanted text") && !screen.contains("-name: mine"), "{screen}");
    stage.keys("w");
    let screen = stage.screen();
    assert!(screen.contains("1 beside yours") && screen.contains("1 left as yours"), "{screen}");
    assert!(screen.contains("! plan.yaml stays"), "{screen}");
}

#[test]
fn a_watcher_sees_no_button_that_writes() {
    let mut stage = Stage::of("01-one-service", 80, 24);
    stage.mode = Mode::ReadOnly;
    stage.keys("w");
    let screen = stage.screen();
    assert!(screen.contains("READ-ONLY") && screen.contains("read-only: nothing is written"), "{screen}");
    assert!(!screen.contains("[ Write"), "{screen}");
}

#[test]
fn without_colour_everything_is_said() {
    let mut stage = Stage::of("02-web-and-db", 120, 40);
    stage.keys("2 f f");
    let coloured = stage.screen();
    stage.theme = Theme::built_in("dark").unwrap().unwrap().at(Depth::None);
    stage.resize(120, 40);
    assert_eq!(stage.screen(), coloured);
    assert!(stage.buffer.content.iter().all(|cell| (cell.fg, cell.bg) == (Color::Reset, Color::Reset)));
}

#[test]
fn a_shop_of_forty_services_does_not_slow_a_frame() {
    let mut stage = Stage::of("32-shop-forty", 140, 40);
    stage.keys("2 G");
    let started = std::time::Instant::now();
    for _ in 0..10 {
        stage.keys("up down");
    }
    let frame = started.elapsed() / 20;
    // A debug build on a busy machine; a release build is some twenty times faster.
    assert!(frame < Duration::from_millis(100), "{frame:?}");
}
