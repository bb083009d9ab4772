//! What is known of an attribute: what is below it, how it may be shortened, how it is merged, whether it is shown.

/// How a value may be written, and how it is merged with an earlier file's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Mappings are merged, lists appended, anything else replaced.
    Plain,
    /// The same, and it has to be a mapping.
    Mapping,
    /// Replaced as a whole, and one key as a whole: `command`.
    Whole,
    /// A mapping, or a list of `NAME=value`.
    Pairs,
    /// A mapping, or a list of `name:address` or `name=address`.
    Hosts,
    /// A mapping, or a list of its keys.
    Names,
    /// A list, or its only item.
    Listed,
    /// A mapping, or the text under this key of it: `build: .` is `build: {context: .}`.
    Under(&'static str),
    /// A list in which later items stand for earlier ones with the same key.
    Unique(Identity),
    /// A mapping that is replaced when its `driver` is another: `logging`.
    OfDriver,
}

/// What makes two items of a list the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    /// The whole of it.
    Itself,
    /// Address, target, published and protocol of a port.
    Port,
    /// The path in the container of a volume or device.
    Target,
    /// `target`, else the source's name.
    FileTarget,
    /// `subnet`.
    Subnet,
}

/// What is below a value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Below {
    /// Nothing that has names of its own.
    Nothing,
    /// These keys; in a list, of each item.
    Fields(&'static [(&'static str, Shape)]),
    /// Any keys, each of this shape.
    Named(&'static Shape),
    /// Anything.
    Anything,
}

/// One attribute.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) form: Form,
    pub(super) below: Below,
    /// May its values be secret? They are never shown.
    pub(super) is_hidden: bool,
}

impl Shape {
    /// The shape of an item of a list.
    pub(super) fn item(self) -> Self {
        Self { form: Form::Plain, ..self }
    }

    /// The shape under a key of a mapping; none for a key that the specification does not know.
    pub(super) fn under(self, key: &str) -> Option<Self> {
        let shape = match self.below {
            Below::Nothing => None,
            Below::Fields(fields) => fields.iter().find(|(name, _)| *name == key).map(|(_, shape)| *shape),
            Below::Named(shape) => Some(*shape),
            Below::Anything => Some(anything()),
        };
        shape.map(|shape| Self { is_hidden: self.is_hidden || shape.is_hidden, ..shape })
    }

    /// The keys it knows, where they are named by the specification.
    pub(super) fn names(self) -> Vec<&'static str> {
        match self.below {
            Below::Fields(fields) => fields.iter().map(|(name, _)| *name).collect(),
            _ => Vec::new(),
        }
    }
}

/// One line of a report, whatever is below. Its value may be anything, a secret that an anchor carries elsewhere
/// among it: it is not shown.
pub(super) fn opaque() -> Shape {
    Shape { form: Form::Whole, below: Below::Nothing, is_hidden: true }
}

/// Anything, as it is.
pub(super) fn anything() -> Shape {
    Shape { form: Form::Plain, below: Below::Anything, is_hidden: false }
}
