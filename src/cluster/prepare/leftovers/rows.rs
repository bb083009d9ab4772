//! The rows of leftovers that go, and why the others do not.

use super::{LeftoversRequest, going::Going};
use crate::{
    cluster::{Failure, Reader, contents, lives::Wanted, prepare::row, users::users},
    diff::{Change, FieldChange, Risk, RiskKind, Row, Wave, shown_changes},
    object::{Object, meaning},
    plan::StepPath,
    rollback::{Image, Leftover},
};

/// A leftover, looked at.
pub(super) enum Looked {
    /// It is there, and nothing that stays would miss it.
    Free(Object),
    /// Others would miss it: these.
    Used(Vec<String>),
    /// It is gone, or goes already.
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
    let is_it = |live: &Object| {
        live.uid() == Some(&leftover.uid) && live.at(&["metadata", "deletionTimestamp"]).is_none()
    };
    let Some(live) = live.filter(is_it) else { return Ok(Looked::Gone) };
    let mut strangers = Vec::new();
    if !request.is_wished(step) {
        return Ok(Looked::Free(live));
    }
    strangers.extend(request.holder(step, &leftover.key).map(|holder| format!("the step {holder}")));
    for user in users(reader, &live).await? {
        if going.root(reader, &user).await?.is_none() && !request.is_undone_before(&user) {
            strangers.push(contents::describe(&user));
        }
    }
    Ok(if strangers.is_empty() { Looked::Free(live) } else { Looked::Used(strangers) })
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
    let size = claim
        .text(&["status", "capacity", "storage"])
        .or_else(|| claim.text(&["spec", "resources", "requests", "storage"]))
        .unwrap_or("unknown size");
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
