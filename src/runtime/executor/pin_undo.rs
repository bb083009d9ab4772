//! A pin, taken back: the file's former text returns, unless somebody has edited it since.

use serde_json::Value;

use super::{
    Executor,
    pin::{Kept, rehearsed},
};
use crate::{
    cluster::{Inventory, Prepared},
    diff::{FieldConflict, FileView, Kind, Problem, Risk, RiskKind},
    pin::{Edit, between, undone},
    plan::Step,
    rollback::{Image, PinOrder, UndoneAttempt},
    scaffold::Fingerprint,
};

impl Executor {
    pub(super) async fn prepare_unpin(
        &self,
        step: &Step,
        attempts: &[UndoneAttempt],
    ) -> Result<Prepared, Vec<Problem>> {
        let request = self.request(step, Vec::new(), Inventory::default());
        let orders: Vec<&PinOrder> =
            attempts.iter().filter_map(|attempt| attempt.record.pin.as_ref()).collect();
        let Some(newest) = orders.first() else { return Ok(request.nothing(Kind::Rollback)) };
        let text = self.text_of(&newest.path).await.map_err(|problem| vec![problem])?.unwrap_or_default();
        let (former, conflict) = match taken_back(&text, &orders) {
            Ok(former) => (former, None),
            Err(order) => (text.clone(), Some(conflict(&text, order))),
        };
        let file = Kept { path: newest.path.clone(), text };
        let edits: Vec<Edit> = between(&file.text, &former);
        let (order, new) = self.order(&file, edits, Vec::new());
        let mut row = self.file_row(&order);
        let mut risks: Vec<Risk> = rehearsed(&order).into_iter().collect();
        if let Some(conflict) = conflict {
            row.conflicts.push(conflict);
            risks.push(Risk {
                kind: RiskKind::Conflict,
                key: Some(order.key()),
                message: "it was edited since, and stays as it is: take the digests out by hand where they shall go"
                    .to_owned(),
            });
        }
        let image = Image::of(&row);
        let mut prepared = request.propose(Kind::Rollback, vec![(row, image)], Vec::new(), risks, true);
        prepared.proposal.file = Some(FileView::of(order.path.as_str(), &file.text, &new, Vec::new()));
        prepared.pin = Some(order);
        Ok(prepared)
    }
}

/// The text before these attempts, newest first; the attempt that has not left what is there, when one has not.
fn taken_back<'o>(text: &str, orders: &[&'o PinOrder]) -> Result<String, &'o PinOrder> {
    let mut text = text.to_owned();
    for order in orders {
        let now = Fingerprint::of(text.as_bytes());
        if now == order.before {
            continue;
        }
        text = undone(&text, &order.edits).filter(|_| now == order.after).ok_or(*order)?;
    }
    Ok(text)
}

fn conflict(text: &str, order: &PinOrder) -> FieldConflict {
    let named = |fingerprint: &Fingerprint| Some(Value::from(format!("sha256 {}", fingerprint.short())));
    FieldConflict {
        path: "the file's text".to_owned(),
        before: named(&order.before),
        after: named(&order.after),
        live: named(&Fingerprint::of(text.as_bytes())),
        manager: None,
    }
}

#[cfg(test)]
mod tests {
    use super::taken_back;
    use crate::{pin::Edit, rollback::PinOrder, scaffold::Fingerprint};

    fn order(before: &str, after: &str, at: usize, removed: &str, inserted: &str) -> PinOrder {
        PinOrder {
            path: "k.yml".parse().unwrap(),
            before: Fingerprint::of(before.as_bytes()),
            after: Fingerprint::of(after.as_bytes()),
            edits: vec![Edit { at, removed: removed.into(), inserted: inserted.into() }],
            pins: Vec::new(),
            is_only_shown: false,
        }
    }

    #[test]
    fn pins_are_taken_back_one_behind_the_other() {
        let (first, second) = (order("a", "ab", 1, "", "b"), order("ab", "ac", 1, "b", "c"));
        assert_eq!(taken_back("ac", &[&second, &first]).unwrap(), "a");
        // The second was never written.
        assert_eq!(taken_back("ab", &[&second, &first]).unwrap(), "a");
        assert_eq!(taken_back("a", &[&first]).unwrap(), "a");
        assert_eq!(taken_back("ac edited", &[&second, &first]).unwrap_err(), &second);
    }
}
