//! Steps that are releases, and stages that have them.

use migrate_tui::{
    app::Message,
    diff::{Problem, Wave},
    engine::{Effect, Outcome},
    observed::Observation,
};

use crate::{fixture, journey::Journey};

/// The overlay as if one row of it carried the others.
fn carried(effect: &Effect) -> Option<Outcome> {
    match effect {
        Effect::Prepare { step, kind, .. } if step.step == "overlay" => {
            let mut shown = fixture::proposal(step, *kind);
            shown.rows.iter_mut().for_each(|row| row.carried = true);
            let release = shown.rows.first_mut().unwrap();
            (release.carried, release.wave) = (false, Wave::Release);
            Some(Outcome::Prepared(Box::new(shown)))
        }
        _ => None,
    }
}

/// The last step of the stage needs what an earlier one brings.
fn refused(effect: &Effect) -> Option<Outcome> {
    match effect {
        Effect::Prepare { step, kind, .. } if step.step == "overlay" => {
            let mut shown = fixture::proposal(step, *kind);
            shown.problems = vec![Problem::new("PodMonitor", "no such kind", "install it first")];
            Some(Outcome::Prepared(Box::new(shown)))
        }
        _ => None,
    }
}

#[test]
fn what_a_release_carries_is_written_with_it() {
    let mut journey = Journey::at_overlay(80, 60);
    journey.twists = carried;
    journey.keys("a a tab enter");
    assert_eq!(journey.standing("week-1/overlay"), "done");
    let screen = journey.screen();
    assert!(screen.contains("✔ written") && !screen.contains("deleted"), "{screen}");
}

#[test]
fn what_keeps_a_stage_from_being_confirmed_comes_first() {
    let mut journey = Journey::new(120, 40);
    journey.twists = refused;
    journey.keys("up a");
    let screen = journey.screen();
    assert!(screen.contains("“Pull secret for ghcr.io” comes first and is open"), "{screen}");
    journey.keys("esc down t o k enter up a");
    let screen = journey.screen();
    let [told, reason, shown] = ["Not all of it can be confirmed", "no such kind", "Namespace/staging"]
        .map(|text| screen.find(text).unwrap_or_else(|| panic!("{text}\n{screen}")));
    assert!(told < reason && reason < shown, "{screen}");
}

#[test]
fn a_locked_step_says_so_in_the_checklist_and_why_on_its_page() {
    let mut journey = Journey::at_overlay(80, 24);
    let lock = |says: Option<&str>| Observation::Lock {
        step: "week-1/overlay".parse().unwrap(),
        says: says.map(str::to_owned),
    };
    journey.observed.fold(lock(Some("Certificate/web-trial is issued: it is not there")));
    journey.say(Message::World);
    let screen = journey.screen();
    assert!(screen.contains("⊘ Apply the ove… locked"), "{screen}");
    assert!(screen.contains("⊘ Locked: Certificate/web-trial is issued: it is"), "{screen}");
    journey.observed.fold(lock(None));
    journey.say(Message::World);
    assert!(!journey.screen().contains("ocked"), "{}", journey.screen());
}
