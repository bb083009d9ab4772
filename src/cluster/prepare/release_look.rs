//! One object of a release, looked at: what helm would make of it.

use serde_json::Value;

use super::look::{Looked, TRIES, adoptions, immutable, is_same_moment, restless};
use crate::{
    cluster::{
        Answer, Failure, FailureKind, Planner,
        execute::{Replicas, whole},
    },
    diff::overlay,
    helm::Applied,
    object::{Object, is_secret},
};

/// The field manager that helm writes as.
const HELM: &str = "helm";

/// How objects of a release are looked at.
pub(super) struct Looking<'a> {
    /// `None`: locally.
    pub(super) planner: Option<&'a Planner>,
    /// How helm will write.
    pub(super) applied: Applied,
    /// Fields of others are shown and written over.
    pub(super) may_force: bool,
}

impl Looking<'_> {
    /// What helm would make of one object; `old` is it in the revision that stands. At the `places` that
    /// are made anew each time, what is live is taken to stay.
    pub(super) async fn at(
        &self,
        object: &Object,
        old: Option<&Object>,
        places: &[String],
        live: Option<Object>,
    ) -> Result<Looked, Failure> {
        let mut live = live;
        let Some(planner) = self.planner else {
            let object = steadied(object, live.as_ref(), places);
            let expected = live.as_ref().map(|live| overlay(live, &object));
            return Ok(Looked { live, expected, ..Looked::default() });
        };
        for _ in 0..TRIES {
            let sent = steadied(object, live.as_ref(), places);
            let looked = match (&live, self.applied) {
                (Some(live), Applied::ByClient) => self.by_client(planner, &sent, old, live).await?,
                _ => self.by_server(planner, &sent, live.as_ref()).await?,
            };
            match looked {
                Some(looked) => return Ok(Looked { live, ..looked }),
                None => live = planner.reader().live(object).await?,
            }
        }
        Err(restless())
    }

    /// By a server-side apply as helm's own, without force unless that was to be shown.
    async fn by_server(
        &self,
        planner: &Planner,
        sent: &Object,
        live: Option<&Object>,
    ) -> Result<Option<Looked>, Failure> {
        let (dry, adoptions) = match planner.dry_run_apply(sent, HELM).await {
            Err(failure) if failure.kind == FailureKind::FieldConflict && self.may_force => {
                (planner.dry_run_forced(sent, HELM).await, adoptions(&failure))
            }
            other => (other, Vec::new()),
        };
        outcome(dry, sent, live).map(|looked| looked.map(|looked| Looked { adoptions, ..looked }))
    }

    /// By helm's own merge: what it renders wins, and what it no longer renders goes. It would write over
    /// fields of others without a word, so they are asked for and treated as in a server-side apply.
    async fn by_client(
        &self,
        planner: &Planner,
        sent: &Object,
        old: Option<&Object>,
        live: &Object,
    ) -> Result<Option<Looked>, Failure> {
        let adoptions = match planner.dry_run_apply(sent, HELM).await {
            Err(mut failure) if failure.kind == FailureKind::FieldConflict => {
                failure.causes.retain(|cause| !cause.message.starts_with("conflict with \"helm\""));
                if !failure.causes.is_empty() && !self.may_force {
                    return Err(failure);
                }
                adoptions(&failure)
            }
            _ => Vec::new(),
        };
        let mut merged = live.clone();
        if let Some(old) = old {
            drop_missing(&mut merged.0, &old.0, &sent.0);
        }
        let mut body = whole(&overlay(&merged, sent), live, Replicas::Count);
        body.metadata_mut().remove("managedFields");
        let looked = outcome(planner.dry_run_replace(&body).await, sent, Some(live));
        looked.map(|looked| looked.map(|looked| Looked { adoptions, ..looked }))
    }
}

/// Takes out of `live` the fields that `old` names and `new` does not. Lists are replaced by what wins.
fn drop_missing(live: &mut Value, old: &Value, new: &Value) {
    let (Value::Object(live), Value::Object(old)) = (live, old) else { return };
    for (name, value) in old {
        match new.get(name) {
            None => drop(live.remove(name)),
            Some(new) => {
                if let Some(live) = live.get_mut(name) {
                    drop_missing(live, value, new);
                }
            }
        }
    }
}

/// What a dry run comes to; `None` when it and the live object are from different moments.
fn outcome(
    dry: Result<Answer, Failure>,
    sent: &Object,
    live: Option<&Object>,
) -> Result<Option<Looked>, Failure> {
    let answer = match dry {
        Ok(answer) => answer,
        Err(failure) if failure.kind == FailureKind::Conflict && live.is_some() => return Ok(None),
        Err(failure) => {
            return match immutable(&failure, is_secret(sent)).filter(|_| live.is_some()) {
                Some(reason) => Ok(Some(Looked { replace: Some(reason), ..Looked::default() })),
                None => Err(failure),
            };
        }
    };
    Ok(is_same_moment(&answer, live).then(|| Looked {
        expected: Some(answer.object),
        warnings: answer.warnings,
        ..Looked::default()
    }))
}

/// The object with what is live at the places that are made anew each time.
fn steadied(object: &Object, live: Option<&Object>, places: &[String]) -> Object {
    let mut copy = object.clone();
    for place in places {
        if let Some(now) = live.and_then(|live| live.0.pointer(place))
            && let Some(found) = copy.0.pointer_mut(place)
        {
            *found = now.clone();
        }
    }
    copy
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{drop_missing, steadied};
    use crate::object::Object;

    #[test]
    fn what_a_chart_no_longer_renders_goes_from_what_is_live() {
        let mut live = json!({"data": {"old": 1, "kept": 2, "others": 3}});
        drop_missing(&mut live, &json!({"data": {"old": 1, "kept": 2}}), &json!({"data": {"kept": 5}}));
        assert_eq!(live, json!({"data": {"kept": 2, "others": 3}}));
    }

    #[test]
    fn what_is_made_anew_is_taken_as_it_is_live() {
        let object = Object(json!({"data": {"password": "new", "user": "u"}}));
        let live = Object(json!({"data": {"password": "old", "user": "someone"}}));
        let steady = steadied(&object, Some(&live), &["/data/password".to_owned()]);
        assert_eq!(steady.0, json!({"data": {"password": "old", "user": "u"}}));
    }
}
