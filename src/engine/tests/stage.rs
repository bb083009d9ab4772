//! A stage at one go: what comes behind other steps is compared again when its turn comes.

use super::{Table, good_outcome, path, proposal, steps};
use crate::{
    diff::{Kind, Leftovers, Problem},
    engine::{Command, Effect, End, Outcome, Phase, Standing},
    object::Digest,
};

/// A run with a third step that is applied.
fn table() -> Table {
    let mut table = Table::new();
    let mut third = steps().remove(1);
    third.path = path("third");
    table.run.steps.push(third);
    table
}

fn confirmed() -> Table {
    let mut table = table();
    let steps = ["namespace", "overlay", "third"].map(path).to_vec();
    table.ok(Command::Request { steps, kind: Kind::Apply, leftovers: Leftovers::Stay });
    table.run_well();
    table.approve_all().unwrap();
    table
}

/// Answers well up to the first review.
fn review(table: &mut Table) -> Effect {
    loop {
        let effect = table.run.pending().remove(0);
        if matches!(effect, Effect::Review { .. }) {
            return effect;
        }
        table.report(&effect, good_outcome(&effect));
    }
}

fn phases(table: &Table) -> Vec<Phase> {
    table.run.attempts().iter().map(|attempt| attempt.phase).collect()
}

#[test]
fn a_step_is_compared_after_those_before_it() {
    let mut table = table();
    let steps = ["namespace", "overlay"].map(path).to_vec();
    table.ok(Command::Request { steps: steps.clone(), kind: Kind::Apply, leftovers: Leftovers::Stay });
    let first = table.run.pending();
    assert!(matches!(first.as_slice(), [Effect::Prepare { step, .. }] if *step == steps[0]), "{first:?}");
    table.report(&first[0], good_outcome(&first[0]));
    let second = table.run.pending();
    assert!(matches!(second.as_slice(), [Effect::Prepare { step, .. }] if *step == steps[1]), "{second:?}");
}

#[test]
fn what_is_covered_by_the_confirmation_goes_on_without_another_question() {
    let mut table = confirmed();
    let Effect::Review { step, .. } = review(&mut table) else { unreachable!() };
    assert_eq!((step, table.run.standing(&path("namespace"))), (path("overlay"), Standing::Done));
    assert!(table.run.attempts()[1].record.is_none(), "nothing is written before");
    table.run_well();
    assert_eq!(phases(&table), [Phase::Ended(End::Done); 3]);
    let reviewed = table.journal.iter().filter(|entry| format!("{:?}", entry.event).starts_with("Reviewed"));
    assert_eq!(reviewed.count(), 2, "the first of a request is not shown twice");
}

#[test]
fn what_is_not_covered_stops_before_it_and_asks_again_with_all_that_comes_behind() {
    let mut table = confirmed();
    let effect = review(&mut table);
    let mut now = proposal(&path("overlay"), Kind::Apply);
    now.digest = Digest("another".into());
    let unlike = vec!["Deployment/web is there already".to_owned()];
    table.report(&effect, Outcome::Reviewed { proposal: Box::new(now), unlike: unlike.clone() });
    let asking = Phase::AwaitingConfirmation;
    assert_eq!(phases(&table), [Phase::Ended(End::Done), asking, asking]);
    assert!(table.run.pending().is_empty() && table.run.is_quiet());
    let shown = &table.run.attempts()[1];
    assert_eq!((shown.digest.as_ref().unwrap().0.as_str(), &shown.unlike), ("another", &unlike));
    table.approve_all().unwrap();
    // Its first turn now: the confirmation names what stands.
    assert!(matches!(table.run.pending().as_slice(), [Effect::Review { .. }]));
    table.run_well();
    assert_eq!(phases(&table), [Phase::Ended(End::Done); 3]);
}

#[test]
fn a_problem_that_shows_then_stops_before_it_and_cannot_be_confirmed() {
    let mut table = confirmed();
    let effect = review(&mut table);
    table.report(&effect, Outcome::Unprepared(vec![Problem::new("helm", "is gone", "get it back")]));
    assert_eq!(phases(&table)[1..], [Phase::AwaitingConfirmation; 2]);
    assert!(table.approve_all().is_err() && table.run.attempts()[1].record.is_none());
}

#[test]
fn cancelling_while_it_is_compared_again_withdraws_what_comes_behind_as_well() {
    let mut table = confirmed();
    review(&mut table);
    table.ok(Command::Cancel { step: path("overlay") });
    let withdrawn = Phase::Ended(End::Withdrawn);
    assert_eq!(phases(&table), [Phase::Ended(End::Done), withdrawn, withdrawn]);
}

#[test]
fn a_stage_reaches_up_to_an_open_checklist_item_and_goes_on_once_that_is_passed() {
    let mut table = table();
    let stage = path("namespace").stage;
    let reach = |table: &Table| {
        let reach = table.run.reach(&stage);
        let steps: Vec<String> = reach.steps.into_iter().map(|step| step.step).collect();
        (steps.join(" "), reach.stops_before.map(|item| item.step))
    };
    let told = |steps: &str, item: Option<&str>| (steps.to_owned(), item.map(str::to_owned));
    assert_eq!(reach(&table), told("", Some("secrets")));
    table.ok(Command::Tick { step: path("secrets"), note: "made".into() });
    assert_eq!(reach(&table), told("namespace overlay", Some("parity")));
    table.ok(Command::Defer { step: path("parity"), reason: "next week".into() });
    assert_eq!(reach(&table), told("namespace overlay third", None));
    table.ok(Command::Skip { step: path("overlay"), reason: "another has it".into() });
    assert_eq!(reach(&table), told("namespace third", None));
    table.ok(Command::Request {
        steps: vec![path("namespace")],
        kind: Kind::Apply,
        leftovers: Leftovers::Stay,
    });
    table.run_well();
    table.approve_all().unwrap();
    table.run_well();
    assert_eq!(reach(&table), told("third", None), "what is done is not applied again");
    table.ok(Command::Skip { step: path("third"), reason: "later".into() });
    assert_eq!(reach(&table), told("namespace", None), "a stage that is done is looked at as a whole");
}
