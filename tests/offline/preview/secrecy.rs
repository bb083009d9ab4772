//! No secret on any screen, whatever is in the files.

use std::fs;

use migrate_tui::app::preview::{Item, Section, Shown, items, label};

use super::{Stage, look};
use crate::{fixtures, init::Repository};

/// Values that are secret begin with it.
const CANARY: &str = "canary-7f3a-";

fn projects() -> Vec<String> {
    let bad = fs::read_dir(format!("{}/tests/compose/bad", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let bad = bad.map(|entry| format!("bad/{}", entry.unwrap().file_name().to_string_lossy()));
    // A link that leads outside cannot be copied.
    let bad = bad.filter(|name| name != "bad/outside-symlink");
    fixtures::names().into_iter().chain(bad).collect()
}

#[test]
fn no_line_of_a_compose_file_is_shown_with_a_secret() {
    for project in projects() {
        let finding = look(&Repository::with(&project));
        let mut places: Vec<(String, u64)> =
            finding.gaps.keys.iter().map(|gap| (gap.origin.file.to_string(), gap.origin.line)).collect();
        places.extend(finding.errors.iter().map(|error| (error.file.display().to_string(), error.line)));
        places.push((".env".into(), 1));
        places.sort();
        places.dedup_by(|one, two| one.0 == two.0);
        for (file, _) in places {
            for (number, line) in finding.excerpts.around(&file, 1, 1_000) {
                assert!(!line.contains(CANARY), "{project}: {file}:{number}: {line}");
            }
        }
        for section in Section::ALL {
            for item in items(&finding, section, Shown::All, "") {
                assert!(!label(&finding, item).contains(CANARY), "{project}: {item:?}");
            }
        }
    }
}

#[test]
fn every_page_is_without_a_secret_and_every_place_has_its_line() {
    for project in ["02-web-and-db", "08-env-files", "27-labels-traefik", "10-secrets", "bad/broken-quote"] {
        let mut stage = Stage::of(project, 100, 60);
        for keys in ["1", "2", "3"] {
            stage.keys(keys);
            for _ in 0..stage.app.rows().len() {
                let screen = stage.screen();
                assert!(!screen.contains(CANARY), "{project}\n{screen}");
                let is_elsewhere = !matches!(stage.app.chosen(), Some(Item::Keys(_)));
                assert!(is_elsewhere || screen.contains(" │ "), "{project}\n{screen}");
                stage.keys("down");
            }
        }
    }
}
