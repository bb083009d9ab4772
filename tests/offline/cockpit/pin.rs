//! Steps that pin images: the file, and what is shown of it before it is written.

use migrate_tui::{
    diff::{Change, FileView, PinnedView, Row, Wave},
    engine::{Effect, Outcome, Run},
    object::{Digest, Key},
    plan::Action,
};

use crate::{fixture, journey::Journey};

/// The overlay's step as one that pins.
fn pinned(effect: &Effect) -> Option<Outcome> {
    let Effect::Prepare { step, kind, .. } = effect else { return None };
    let mut shown = fixture::proposal(step, *kind);
    let name = "overlays/staging/kustomization.yml".to_owned();
    let key = Key { group: "migrate-tui".into(), kind: "File".into(), namespace: None, name: name.clone() };
    shown.rows =
        vec![Row { digest: Digest("f".repeat(64)), ..Row::new(key, "", Change::Change, Wave::Files) }];
    (shown.risks, shown.requires) = (Vec::new(), Vec::new());
    let digest = format!("sha256:{}", "9f86d081884c7d65".repeat(4));
    let before = "images:\n  - name: ghcr.io/acme/gateway\n    newTag: 1.4.2\n";
    let image = PinnedView {
        image: "ghcr.io/acme/gateway:1.4.2".into(),
        former: None,
        digest: digest.clone(),
        platforms: vec!["linux/amd64".into(), "linux/arm64".into()],
        created: Some("2026-11-22T10:00:00Z".parse().unwrap()),
        stand_in: false,
    };
    shown.file = Some(FileView::of(&name, before, &format!("{before}    digest: {digest}\n"), vec![image]));
    Some(Outcome::Prepared(Box::new(shown)))
}

fn journey(width: u16, height: u16) -> Journey {
    let mut journey = Journey::new(width, height);
    let mut steps = fixture::steps();
    let overlay = steps.iter_mut().find(|step| step.path.step == "overlay").unwrap();
    overlay.action = Action::Pin { path: "overlays/staging".into() };
    overlay.gates.clear();
    journey.run = Run::new(steps);
    journey.twists = pinned;
    journey.keys("/ 'overlay' enter a");
    journey
}

#[test]
fn what_a_pin_would_write_is_read_line_by_line() {
    for (width, height) in [(140, 40), (80, 24)] {
        let mut journey = journey(width, height);
        let screen = journey.screen();
        for text in ["1 file: ", "gateway:1.4.2 →", "sha256:9f86d081884c", "linux/arm64"] {
            assert!(screen.contains(text), "{text}\n{screen}");
        }
        if height == 40 {
            assert!(screen.contains("+    digest: sha256:9f86d081884c7d65"), "{screen}");
            assert!(screen.contains("│    - name: ghcr.io/acme/gateway"), "{screen}");
            insta::assert_snapshot!("a_pin_before_it_is_confirmed", screen);
        }
        journey.keys("a");
        assert!(
            journey.screen().contains("file       overlays/staging/kustomization.yml"),
            "{}",
            journey.screen()
        );
        journey.keys("tab enter");
        assert_eq!(journey.standing("week-1/overlay"), "done");
        let screen = journey.screen();
        assert!(screen.contains("1 of 1 written") && screen.contains("[ Show rollback ]"), "{screen}");
        assert!(!screen.contains("prune"), "a file has nothing to prune: {screen}");
    }
}
