//! The rows of leftovers that go, and why the others do not.

use super::{LeftoversRequest, going::Going};
use crate::{
    cluster::{Failure, Reader, contents, execute::holders, lives::Wanted, prepare::row, users::users},
    diff::{Change, FieldChange, Risk, RiskKind, Row, Wave, shown_changes},
    object::{Object, meaning},
    plan::StepPath,
    rollback::{Image, Leftover, claim_size, is_made_for},
};

/// A leftover, looked at.
pub(super) enum Looked {
    /// It is there, and nothing that stays would miss it.
    Free(Object),
    /// What it was made for, or has been made for since, stays: it is that one's.
    InUse(Vec<String>),
    /// Others would miss it: these.
    Used(Vec<String>),
    /// It is being deleted, and is held.
    Going(String),
    /// It is gone.
    Gone,
}

/// Is it still there, and who would miss it?
pub(super) async fn look(
    reader: &Reader,
    request: &LeftoversRequest<'_>,
    going: &Going,
    (step, leftover): (&StepPath, &Leftover),
) -> Result<Looked, Failure> {
    let image = image(leftover);
    let live = Wanted::by(&image).live(reader).await?;
    let is_it = |live: &Object| live.uid() == Some(&leftover.uid);
    let Some(live) = live.filter(is_it) else { return Ok(Looked::Gone) };
    if let Some(since) = live.text(&["metadata", "deletionTimestamp"]) {
        return Ok(Looked::Going(format!("it is being deleted since {since}: {}", holders(&live))));
    }
    let is_own = step == &request.base.step.path;
    if !is_own && !request.is_wished(step) {
        return Ok(Looked::Free(live));
    }
    let mut strangers = Vec::new();
    strangers.extend(request.holder(step, &leftover.key).map(|holder| format!("the step {holder}")));
    let mut is_in_use = request.is_of_what_stands(step, leftover);
    strangers.extend(is_in_use.then(|| leftover.cause.placed()));
    let users = match users(reader, &live).await {
        // A plain rollback does nothing about it.
        Err(failure) if !request.is_wished(step) => {
            tracing::debug!(%failure, "who needs a leftover is not known");
            Vec::new()
        }
        users => users?,
    };
    for user in users {
        if going.root(reader, &user).await?.is_none() && !request.is_undone_before(&user) {
            is_in_use |= is_made_for(&leftover.key, &user);
            strangers.push(contents::describe(&user));
        }
    }
    Ok(match strangers.is_empty() {
        true => Looked::Free(live),
        false if is_in_use => Looked::InUse(strangers),
        false => Looked::Used(strangers),
    })
}

fn image(leftover: &Leftover) -> Image {
    Image::of(&Row::new(
        leftover.key.clone(),
        leftover.api_version.clone(),
        Change::Delete,
        Wave::DeleteLeftovers,
    ))
}

/// The row that deletes it, what is behind it, and what is lost.
pub(super) async fn row(
    reader: &Reader,
    request: &LeftoversRequest<'_>,
    leftover: &Leftover,
    live: Object,
) -> (Row, Image, Risk) {
    let image = Image { before: Some(live.clone()), ..image(leftover) };
    let lost = lost(reader, &live).await;
    let row = Row {
        fields: shown(&live),
        cannot_undo: Some(lost.clone()),
        digest: row::bind(&request.base, None, Some(&live)),
        ..Row::new(image.key.clone(), image.api_version.clone(), image.change, image.wave)
    };
    let place = live.namespace().map(|namespace| format!(" in {namespace}")).unwrap_or_default();
    let message = format!("a leftover of {}{place}, deleted for good: {lost}", leftover.cause);
    (row, image, Risk { kind: RiskKind::Deletion, key: Some(leftover.key.clone()), message })
}

/// Of a CRD no more than what it defines.
fn shown(live: &Object) -> Vec<FieldChange> {
    if live.kind() != "CustomResourceDefinition" {
        return shown_changes(Some(&meaning(live)), None);
    }
    let field = |path: &[&str]| {
        let before = live.at(path).cloned();
        before.map(|before| FieldChange { path: path.join("."), before: Some(before), after: None })
    };
    [field(&["spec", "group"]), field(&["spec", "names", "kind"])].into_iter().flatten().collect()
}

/// What is lost with it.
async fn lost(reader: &Reader, live: &Object) -> String {
    match live.kind() {
        "PersistentVolumeClaim" => of_claim(reader, live).await,
        "CustomResourceDefinition" => "its kind is served no longer".to_owned(),
        "Secret" if live.text(&["metadata", "annotations", "cert-manager.io/certificate-name"]).is_some() => {
            "the certificate and its key; another one is issued next time, which counts against the issuer's limits"
                .to_owned()
        }
        "Secret" => "what it holds is kept nowhere else".to_owned(),
        _ => "it does not come back".to_owned(),
    }
}

async fn of_claim(reader: &Reader, claim: &Object) -> String {
    let size = claim_size(claim).unwrap_or("unknown size");
    let Some(name) = claim.text(&["spec", "volumeName"]) else {
        return format!("{size} that no volume stands for yet");
    };
    let volume = reader.get("v1", "PersistentVolume", None, name).await.ok().flatten();
    let policy = volume.as_ref().and_then(|volume| volume.text(&["spec", "persistentVolumeReclaimPolicy"]));
    match policy {
        Some("Retain") => {
            format!("{size}; its volume {name} stays with the data (reclaim policy Retain), bound to nothing")
        }
        Some(policy) => format!("{size} of data, with its volume {name} (reclaim policy {policy})"),
        None => format!("{size} of data; whether its volume {name} stays cannot be read"),
    }
}
