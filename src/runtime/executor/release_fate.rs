//! What became of a release, read from its history.

use super::helm::Known;
use crate::{
    helm::{Revision, Status},
    rollback::{Recovery, ReleaseAction, ReleaseOrder},
};

/// What the history shows of an order.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It has been done; with the revision that it came to.
    Done(Option<u32>),
    /// Nothing of it has been done.
    Untouched,
    /// It was begun and did not come through.
    Halfway,
    /// Somebody else has been there.
    Foreign(String),
}

/// Reads an order's fate from the history.
pub(super) fn found(order: &ReleaseOrder, history: &[Revision], said: &str) -> Found {
    let known = Known { history: history.to_vec(), release: None };
    let Some(last) = known.last() else {
        return match (&order.action, order.before) {
            (ReleaseAction::Uninstall, _) => Found::Done(None),
            (_, None) => Found::Untouched,
            _ if order.recovery == Some(Recovery::Uninstall) => Found::Untouched,
            _ => Found::Foreign("it is gone".to_owned()),
        };
    };
    let (now, before) = (last.revision, order.before.unwrap_or(0));
    let is_upgrade = matches!(order.action, ReleaseAction::Upgrade { .. });
    if is_upgrade && last.status == Status::Deployed && last.description == said {
        return Found::Done(Some(now));
    }
    if Some(now) == order.before {
        let is_cut_off = last.status == Status::Uninstalling;
        return if is_cut_off && order.action == ReleaseAction::Uninstall {
            Found::Halfway
        } else {
            Found::Untouched
        };
    }
    let other = || format!("revision {now} ({}) is {}", last.description, last.status);
    let back = order.stood.map(|stood| format!("Rollback to {stood}"));
    // What we began and did not bring to its end, again and again perhaps, and nobody else in between.
    let is_ours = |one: &Revision| {
        one.status == Status::Failed
            || one.status.is_pending()
            || one.description == said
            || Some(&one.description) == back.as_ref()
            || one.description.contains("failed")
    };
    let is_within = now > before && history.iter().filter(|one| one.revision > before).all(is_ours);
    let is_anew = order.recovery == Some(Recovery::Uninstall);
    match (&order.action, last.status) {
        // It was cleared away, and begun from the first revision.
        (_, status) if is_anew && (status.is_pending() || status == Status::Failed) => Found::Halfway,
        _ if now < before && !is_anew => Found::Foreign(other()),
        (ReleaseAction::Rollback { to, .. }, Status::Deployed)
            if last.description == format!("Rollback to {to}") =>
        {
            Found::Done(Some(now))
        }
        // The recovery came through, and then nothing more.
        (_, Status::Deployed) if is_within && Some(&last.description) == back.as_ref() => Found::Halfway,
        (_, status) if is_within && status.is_pending() => Found::Halfway,
        (_, Status::Failed) if is_within => Found::Halfway,
        _ => Found::Foreign(other()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Found, found};
    use crate::{
        helm::{Revision, Status},
        rollback::{Recovery, ReleaseAction, ReleaseOrder},
    };

    fn order(before: Option<u32>, action: ReleaseAction) -> ReleaseOrder {
        let (name, namespace) = ("web".to_owned(), "shop".to_owned());
        ReleaseOrder { name, namespace, action, before, stood: before, recovery: None, made_anew: Vec::new() }
    }

    fn upgrade() -> ReleaseAction {
        ReleaseAction::Upgrade { chart: "web-1.0.0".into(), sha256: String::new(), values: None }
    }

    fn history(revision: u32, status: Status, description: &str) -> Vec<Revision> {
        let (updated, chart, app_version) = (String::new(), String::new(), String::new());
        vec![Revision { revision, updated, status, chart, app_version, description: description.to_owned() }]
    }

    #[test]
    fn an_upgrade_is_found_by_what_the_history_says_of_it() {
        let order = order(Some(3), upgrade());
        let found = |revision, status, said| found(&order, &history(revision, status, said), "ours");
        assert_eq!(found(3, Status::Deployed, "theirs"), Found::Untouched);
        assert_eq!(found(4, Status::Deployed, "ours"), Found::Done(Some(4)));
        assert!(matches!(found(4, Status::Deployed, "theirs"), Found::Foreign(_)));
        assert_eq!(found(4, Status::PendingUpgrade, "Preparing upgrade"), Found::Halfway);
        assert_eq!(found(4, Status::Failed, "Upgrade failed"), Found::Halfway);
        assert_eq!(found(5, Status::Deployed, "Rollback to 3"), Found::Halfway);
        assert_eq!(found(9, Status::Failed, "Upgrade failed"), Found::Halfway);
        assert!(matches!(found(2, Status::Deployed, "theirs"), Found::Foreign(_)));
    }

    #[test]
    fn a_first_install_has_nothing_before_it() {
        let order = order(None, upgrade());
        assert_eq!(found(&order, &[], "ours"), Found::Untouched);
        assert_eq!(
            found(&order, &history(1, Status::PendingInstall, "Initial install underway"), "ours"),
            Found::Halfway
        );
    }

    #[test]
    fn an_uninstall_is_done_when_the_release_is_gone() {
        let order = order(Some(2), ReleaseAction::Uninstall);
        assert_eq!(found(&order, &[], ""), Found::Done(None));
        assert_eq!(found(&order, &history(2, Status::Deployed, ""), ""), Found::Untouched);
        assert_eq!(found(&order, &history(2, Status::Uninstalling, ""), ""), Found::Halfway);
    }

    #[test]
    fn a_recovery_that_uninstalls_begins_anew() {
        let mut order = order(Some(1), upgrade());
        (order.stood, order.recovery) = (None, Some(Recovery::Uninstall));
        assert_eq!(found(&order, &[], "ours"), Found::Untouched);
        assert_eq!(found(&order, &history(1, Status::Deployed, "ours"), "ours"), Found::Done(Some(1)));
    }
}
