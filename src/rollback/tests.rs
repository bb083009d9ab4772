//! Against a flat model: each field by itself, before, after and live.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Fate, Image, RECORD_VERSION, Record, UndoneAttempt, inverse, undo};
use crate::{
    diff::{Change, ClusterIdentity, IdentitySource, Kind, Wave},
    engine::AttemptNumber,
    object::{Key, Object, meaning},
    plan::{EnvironmentName, StageId, StepPath},
};

/// A field of a small Deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Field {
    Label(u8),
    Image(u8),
    Variable(u8, u8),
    Arguments(u8),
    Pause,
}

type Model = BTreeMap<Field, u8>;

fn model() -> impl Strategy<Value = Model> {
    let field = prop_oneof![
        (0..3_u8).prop_map(Field::Label),
        (0..2_u8).prop_map(Field::Image),
        (0..2_u8, 0..3_u8).prop_map(|(container, name)| Field::Variable(container, name)),
        (0..2_u8).prop_map(Field::Arguments),
        Just(Field::Pause),
    ];
    prop::collection::btree_map(field, 0..3_u8, 0..10).prop_map(|mut model| {
        for container in 0..2 {
            model.entry(Field::Image(container)).or_insert(0);
        }
        model
    })
}

fn object(model: &Model) -> Object {
    let mut labels = Map::new();
    let mut spec = Map::new();
    let mut containers: Vec<Value> = (0..2).map(|name| json!({"name": format!("c{name}")})).collect();
    for (field, value) in model {
        match field {
            Field::Label(name) => drop(labels.insert(format!("l{name}"), json!(value.to_string()))),
            Field::Image(container) => {
                containers[usize::from(*container)]["image"] = json!(format!("i:{value}"));
            }
            Field::Arguments(container) => containers[usize::from(*container)]["args"] = json!(["-v", value]),
            Field::Variable(container, name) => {
                let variable = json!({"name": format!("V{name}"), "value": value.to_string()});
                match &mut containers[usize::from(*container)]["env"] {
                    Value::Array(list) => list.push(variable),
                    none => *none = json!([variable]),
                }
            }
            Field::Pause => drop(spec.insert("minReadySeconds".into(), json!(value))),
        }
    }
    spec.insert("template".into(), json!({"spec": {"containers": containers}}));
    let mut metadata = json!({"name": "web", "uid": "u", "resourceVersion": "1"});
    if !labels.is_empty() {
        metadata["labels"] = Value::Object(labels);
    }
    Object(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}))
}

/// Where the comparison names a field, given whether it was there on every side.
fn place(field: Field, everywhere: bool) -> String {
    let container = |number: u8| format!("spec.template.spec.containers[c{number}]");
    match field {
        Field::Label(name) => format!("metadata.labels.l{name}"),
        Field::Image(number) => format!("{}.image", container(number)),
        Field::Arguments(number) => format!("{}.args", container(number)),
        Field::Variable(number, name) if everywhere => format!("{}.env[V{name}].value", container(number)),
        Field::Variable(number, name) => format!("{}.env[V{name}]", container(number)),
        Field::Pause => "spec.minReadySeconds".into(),
    }
}

/// What is meant, with the variables of each container in one order.
fn sorted(object: &Object) -> Value {
    let mut meant = meaning(object).0;
    meant["metadata"].as_object_mut().unwrap().remove("managedFields");
    for container in meant["spec"]["template"]["spec"]["containers"].as_array_mut().unwrap() {
        if let Some(Value::Array(list)) = container.get_mut("env") {
            list.sort_by_key(|variable| variable["name"].to_string());
        }
    }
    meant
}

proptest! {
    #[test]
    fn undoing_at_once_is_identity(before in model(), after in model()) {
        let undone = undo(&object(&before), &object(&after), &object(&after));
        prop_assert_eq!(sorted(&undone.target), sorted(&object(&before)));
        prop_assert!(undone.disputed.is_empty());
    }

    #[test]
    fn each_field_goes_its_own_way(before in model(), after in model(), live in model()) {
        let mut target = Model::new();
        let mut disputed = BTreeSet::new();
        let fields: BTreeSet<Field> = before.keys().chain(after.keys()).chain(live.keys()).copied().collect();
        for field in fields {
            let (was, left, now) = (before.get(&field), after.get(&field), live.get(&field));
            let goes = if was == left || now == was {
                now
            } else if now == left {
                was
            } else {
                disputed.insert(place(field, was.is_some() && left.is_some() && now.is_some()));
                now
            };
            target.extend(goes.map(|value| (field, *value)));
        }
        let undone = undo(&object(&before), &object(&after), &object(&live));
        let found: BTreeSet<String> = undone.disputed.iter().map(|one| one.path.to_string()).collect();
        prop_assert_eq!(found, disputed);
        prop_assert_eq!(sorted(&undone.target), sorted(&object(&target)));
    }

    #[test]
    fn several_attempts_are_taken_back_one_by_one(models in prop::collection::vec(model(), 2..5), hand in model()) {
        let steps: Vec<UndoneAttempt> = models
            .windows(2)
            .map(|pair| attempt(Change::Change, Some(object(&pair[0])), Some(object(&pair[1])), Fate::Written(Some("u".into()))))
            .rev()
            .collect();
        let last = object(models.last().unwrap());
        let inverses = inverse(&steps, &[(last.key(), last)].into());
        let target = inverses[0].target.as_ref().unwrap();
        prop_assert_eq!(sorted(target), sorted(&object(&models[0])));
        prop_assert!(inverses[0].disputed.is_empty());

        // Whatever someone set by hand and no attempt ever touched stays.
        let touched: BTreeSet<Field> = models.iter().flat_map(|model| model.keys().copied()).collect();
        let mut live = models.last().unwrap().clone();
        let mut wanted = models[0].clone();
        for (field, value) in hand.into_iter().filter(|(field, _)| !touched.contains(field)) {
            live.insert(field, value);
            wanted.insert(field, value);
        }
        let live = object(&live);
        let inverses = inverse(&steps, &[(live.key(), live)].into());
        prop_assert_eq!(sorted(inverses[0].target.as_ref().unwrap()), sorted(&object(&wanted)));
    }
}

fn attempt(change: Change, before: Option<Object>, after: Option<Object>, fate: Fate) -> UndoneAttempt {
    let key = before.as_ref().or(after.as_ref()).unwrap().key();
    let image = Image {
        key,
        api_version: "apps/v1".into(),
        change,
        wave: Wave::Workloads,
        applied: after.clone(),
        before,
        expected: after,
        carried: false,
    };
    let record = Record {
        version: RECORD_VERSION,
        plan: "plan".into(),
        environment: EnvironmentName("dev".into()),
        step: StepPath { stage: StageId("week-1".into()), step: "overlay".into() },
        attempt: AttemptNumber(1),
        kind: Kind::Apply,
        undoes: Vec::new(),
        author: None,
        inventory: "set".into(),
        cluster: ClusterIdentity {
            uid: String::new(),
            source: IdentitySource::KubeSystem,
            server: String::new(),
            certificate_authority: None,
        },
        images: vec![image],
        release: None,
        pin: None,
        leftovers: Vec::new(),
    };
    UndoneAttempt { record, fates: vec![fate] }
}

fn plain(image: u8) -> Object {
    object(&[(Field::Image(0), image), (Field::Image(1), 0)].into())
}

fn with_uid(mut object: Object, uid: &str) -> Object {
    object.metadata_mut().insert("uid".into(), json!(uid));
    object
}

fn change_of(attempts: &[UndoneAttempt], live: Option<Object>) -> (Change, usize) {
    let live: BTreeMap<Key, Object> = live.into_iter().map(|object| (object.key(), object)).collect();
    let inverses = inverse(attempts, &live);
    (inverses[0].change, inverses[0].disputed.len())
}

#[test]
fn what_was_created_goes_and_what_was_deleted_comes_back() {
    let written = || Fate::Written(Some("u".into()));
    let created = attempt(Change::Create, None, Some(plain(1)), written());
    let changed = attempt(Change::Change, Some(plain(1)), Some(plain(2)), written());
    let deleted = attempt(Change::Delete, Some(plain(2)), None, Fate::Written(None));
    assert_eq!(change_of(std::slice::from_ref(&created), Some(plain(1))), (Change::Delete, 0));
    assert_eq!(change_of(&[changed.clone(), created.clone()], Some(plain(2))), (Change::Delete, 0));
    assert_eq!(change_of(std::slice::from_ref(&changed), Some(plain(2))), (Change::Revert, 0));
    assert_eq!(change_of(std::slice::from_ref(&deleted), None), (Change::Recreate, 0));
    assert_eq!(change_of(&[deleted.clone(), changed.clone()], None), (Change::Recreate, 0));
    assert_eq!(change_of(&[deleted, changed, created], None), (Change::Same, 0));
}

#[test]
fn an_object_of_another_uid_is_left_alone() {
    let written = || Fate::Written(Some("u".into()));
    let created = attempt(Change::Create, None, Some(plain(1)), written());
    let changed = attempt(Change::Change, Some(plain(1)), Some(plain(2)), written());
    let theirs = || Some(with_uid(plain(2), "other"));
    assert_eq!(change_of(&[created], theirs()), (Change::Same, 1));
    assert_eq!(change_of(std::slice::from_ref(&changed), theirs()), (Change::Same, 1));
    assert_eq!(change_of(&[changed], None), (Change::Same, 1));
}

#[test]
fn a_row_that_was_never_begun_is_not_undone() {
    let changed = attempt(Change::Change, Some(plain(1)), Some(plain(2)), Fate::NotWritten);
    assert_eq!(change_of(&[changed], Some(plain(2))), (Change::Same, 0));
    // Begun and cut off before it was written: live is as before.
    let changed = attempt(Change::Change, Some(plain(1)), Some(plain(2)), Fate::Unknown);
    assert_eq!(change_of(&[changed], Some(plain(1))), (Change::Same, 0));
}

#[test]
fn what_cannot_come_back_is_marked() {
    let immutable = |value: &str, fixed: bool| {
        Object(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "uid": "u"},
            "immutable": fixed, "data": {"a": value}}))
    };
    let fixed = attempt(
        Change::Change,
        Some(immutable("1", false)),
        Some(immutable("2", true)),
        Fate::Written(Some("u".into())),
    );
    let live = immutable("2", true);
    let inverses = inverse(&[fixed], &[(live.key(), live)].into());
    assert_eq!(inverses[0].change, Change::Same);
    assert!(inverses[0].cannot_undo.as_deref().unwrap().contains("immutable"));
}
