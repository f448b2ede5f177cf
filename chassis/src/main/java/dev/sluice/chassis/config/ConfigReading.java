package dev.sluice.chassis.config;

import dev.sluice.chassis.config.Schema.Group;
import dev.sluice.chassis.config.Schema.Inline;
import dev.sluice.chassis.config.Schema.Scalar;
import dev.sluice.chassis.config.Schema.Sequence;
import dev.sluice.chassis.config.Schema.Table;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * One load: walks shape and nodes together and collects faults. A value that could not be made is
 * {@link #FAILED}; what holds it fails too, silently, as the fault is noted already.
 */
final class ConfigReading {
  private static final Pattern RULE = Pattern.compile("([\\w.]+): (.*) \\(expected: (.*)\\)");
  private static final Object FAILED = new Object();

  private final String file;
  private final Map<String, String> env;
  private final List<Fault> faults = new ArrayList<>();
  private final Map<String, String> moved = new TreeMap<>();

  ConfigReading(String file, Map<String, String> env) {
    this.file = file;
    this.env = env;
  }

  List<Fault> faults() {
    return faults;
  }

  /** The whole configuration; meaningless if there are faults. */
  Object read(Group schema, @Nullable Node root) {
    noteMoved(schema, "");
    return group(schema, new Place(root, "", file, true));
  }

  /** Notes which keys were others before. */
  private void noteMoved(Group group, String prefix) {
    for (Schema.Key key : group.keys()) {
      String path = prefix + key.name();
      if (!key.setting().was().isEmpty()) {
        moved.put(key.setting().was(), path);
      }
      if (key.schema() instanceof Group inner) {
        noteMoved(inner, path + ".");
      }
    }
  }

  private boolean movedFrom(String key) {
    return moved.keySet().stream().anyMatch(was -> was.equals(key) || was.startsWith(key + "."));
  }

  private String now(String key) {
    @Nullable String one = moved.get(key);
    return one != null
        ? one
        : moved.entrySet().stream()
            .filter(entry -> entry.getKey().startsWith(key + "."))
            .map(entry -> entry.getValue() + " for " + entry.getKey())
            .collect(Collectors.joining(", "));
  }

  /**
   * Where a value comes from.
   *
   * @param key full key, empty for the root
   * @param source file name or {@code environment}
   * @param overridable false inside lists and maps, whose parts no variable names
   */
  private record Place(@Nullable Node node, String key, String source, boolean overridable) {
    Place child(String name, @Nullable Node child, boolean stillOverridable) {
      String path = key.isEmpty() ? name : key + "." + name;
      return new Place(child, path, source, overridable && stillOverridable);
    }

    int line() {
      return node == null ? 0 : YamlText.line(node);
    }
  }

  private Object group(Group group, Place at) {
    return group(group, entries(at, group.keys().stream().map(Schema.Key::name).toList()), at);
  }

  /** A record of the entries at its place, which are those of the records inlined there too. */
  private Object group(Group group, Map<String, Node> given, Place at) {
    @Nullable Object[] arguments = new @Nullable Object[group.parts().size()];
    boolean failed = false;
    for (int i = 0; i < arguments.length; i++) {
      @Nullable Object value =
          switch (group.parts().get(i)) {
            case Schema.Key key -> value(key, at.child(key.name(), given.get(key.name()), true));
            case Inline inline -> group(inline.group(), given, at);
          };
      failed |= value == FAILED;
      arguments[i] = value;
    }
    return failed ? FAILED : make(group.type(), arguments, at);
  }

  private @Nullable Object value(Schema.Key key, Place at) {
    Place place = override(key.schema(), at);
    if (place.node() == null || YamlText.isNull(place.node()) || left(key, place.node())) {
      return absent(key, place);
    }
    return convert(key.schema(), key.setting(), place);
  }

  /** An empty text says of a value that may be missing that it is. */
  private static boolean left(Schema.Key key, Node node) {
    return key.nullable()
        && key.schema() instanceof Scalar
        && node instanceof ScalarNode scalar
        && scalar.getValue().isBlank();
  }

  /** The environment's value for this key, if there is one. */
  private Place override(Schema schema, Place at) {
    String name = Names.environment(at.key());
    @Nullable String value = at.overridable() ? env.get(name) : null;
    if (value == null || schema instanceof Group) {
      return at;
    }
    boolean structured = !(schema instanceof Scalar) && value.strip().matches("(?s)[\\[{].*");
    Node node = structured ? YamlText.parse(value, "environment " + name) : text(value);
    return new Place(node, name, "environment", false);
  }

  private static ScalarNode text(String value) {
    return new ScalarNode(
        org.snakeyaml.engine.v2.nodes.Tag.STR,
        value,
        org.snakeyaml.engine.v2.common.ScalarStyle.DOUBLE_QUOTED);
  }

  private @Nullable Object absent(Schema.Key key, Place at) {
    if (key.nullable()) {
      return null;
    }
    String def = key.def();
    boolean required = def.equals(Setting.REQUIRED);
    return switch (key.schema()) {
      case Group group -> group(group, new Place(null, at.key(), at.source(), at.overridable()));
      case Table _ -> Map.of();
      case Sequence s when required -> sequence(s, key.setting(), at);
      case Sequence _ when def.isBlank() -> List.of();
      case Sequence s -> sequence(s, key.setting(), at.child("default", text(def), false));
      case Scalar _ when required -> fault(at, "", "a value. " + key.setting().doc());
      case Scalar scalar -> scalar.parse().apply(def);
    };
  }

  private Object convert(Schema schema, Setting setting, Place at) {
    return switch (schema) {
      case Scalar scalar -> scalar(scalar, setting, at);
      case Group group -> group(group, at);
      case Sequence sequence -> sequence(sequence, setting, at);
      case Table table -> table(table, setting, at);
    };
  }

  private Object scalar(Scalar scalar, Setting setting, Place at) {
    if (!(at.node() instanceof ScalarNode node)) {
      return fault(at, kind(at.node()), "one value, " + scalar.typeName());
    }
    return parse(scalar, setting, at, node.getValue());
  }

  private Object parse(Scalar scalar, Setting setting, Place at, String text) {
    String shown = scalar.secret() ? "******" : text;
    Object value;
    try {
      value = scalar.parse().apply(text);
    } catch (IllegalArgumentException e) {
      String range = setting.range().isEmpty() ? "" : ", " + setting.range();
      return fault(at, shown, e.getMessage() + range);
    }
    if (!Range.of(scalar, setting.range()).contains(value)) {
      return fault(at, shown, setting.range());
    }
    return value;
  }

  private Object sequence(Sequence sequence, Setting setting, Place at) {
    List<Object> values = new ArrayList<>();
    if (at.node() == null) {
      // nothing: an empty list
    } else if (at.node() instanceof SequenceNode node) {
      int i = 0;
      for (Node item : node.getValue()) {
        values.add(convert(sequence.element(), setting, at.child("[" + i++ + "]", item, false)));
      }
    } else if (at.node() instanceof ScalarNode node
        && sequence.element() instanceof Scalar scalar) {
      for (String item : node.getValue().split(",")) {
        if (!item.isBlank()) {
          values.add(parse(scalar, setting, at, item.strip()));
        }
      }
    } else {
      return fault(at, kind(at.node()), "a " + sequence.typeName());
    }
    if (values.isEmpty() && setting.def().equals(Setting.REQUIRED)) {
      return fault(at, "", "at least one. " + setting.doc());
    }
    return values.contains(FAILED) ? FAILED : List.copyOf(values);
  }

  private Object table(Table table, Setting setting, Place at) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (Map.Entry<String, Node> entry : entries(at, null).entrySet()) {
      Place place = at.child(entry.getKey(), entry.getValue(), false);
      values.put(entry.getKey(), convert(table.value(), setting, place));
    }
    return values.containsValue(FAILED) ? FAILED : java.util.Collections.unmodifiableMap(values);
  }

  /** The entries of a map node; notes keys that are unknown, given twice or no plain words. */
  private Map<String, Node> entries(Place at, @Nullable List<String> known) {
    Map<String, Node> entries = new LinkedHashMap<>();
    if (at.node() == null || YamlText.isNull(at.node())) {
      return entries;
    }
    if (!(at.node() instanceof MappingNode mapping)) {
      fault(at, kind(at.node()), "keys with values");
      return entries;
    }
    for (NodeTuple tuple : mapping.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode keyNode)) {
        fault(at.child("?", tuple.getKeyNode(), false), kind(tuple.getKeyNode()), "a plain key");
        continue;
      }
      String key = keyNode.getValue();
      Place place = at.child(key, keyNode, false);
      if (known != null && !known.contains(key)) {
        if (movedFrom(place.key())) {
          fault(place, "", "what it is called now: " + now(place.key()));
          continue;
        }
        @Nullable String meant = Names.nearest(key, known);
        String expected =
            meant == null ? "one of: " + String.join(", ", known) : "did you mean " + meant;
        fault(place, "", "a known key; " + expected);
      } else if (entries.putIfAbsent(key, tuple.getValueNode()) != null) {
        fault(place, "", "each key once");
      }
    }
    return entries;
  }

  private Object make(Class<? extends Record> type, @Nullable Object[] arguments, Place at) {
    Class<?>[] types =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      Constructor<? extends Record> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(arguments);
    } catch (InvocationTargetException e) {
      Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
      if (cause instanceof IllegalArgumentException) {
        return refused(at, String.valueOf(cause.getMessage()));
      }
      throw new IllegalStateException(type.getName() + " refuses its values", cause);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot make " + type.getName(), e);
    }
  }

  /** A record's own rule; its message may be {@code key: value (expected: ...)}. */
  private Object refused(Place at, String message) {
    Matcher parts = RULE.matcher(message);
    if (!parts.matches()) {
      return fault(at, "", message);
    }
    String key = parts.group(1);
    if (key.equals(at.key())) {
      key = "";
    } else if (key.startsWith(at.key() + ".")) {
      key = key.substring(at.key().length() + 1);
    }
    Place place = at;
    for (String name : key.isEmpty() ? List.<String>of() : List.of(key.split("\\."))) {
      place = place.child(name, find(place.node(), name), false);
    }
    int line = place.line() > 0 ? place.line() : at.line();
    faults.add(new Fault(at.source(), line, place.key(), parts.group(2), parts.group(3)));
    return FAILED;
  }

  private static @Nullable Node find(@Nullable Node in, String name) {
    if (in instanceof MappingNode mapping) {
      for (NodeTuple tuple : mapping.getValue()) {
        if (tuple.getKeyNode() instanceof ScalarNode key && key.getValue().equals(name)) {
          return tuple.getValueNode();
        }
      }
    }
    return null;
  }

  private Object fault(Place at, String value, String expected) {
    String key = at.key().replace(".[", "[");
    faults.add(new Fault(at.source(), at.line(), key, value, expected));
    return FAILED;
  }

  private static String kind(@Nullable Node node) {
    return switch (node) {
      case null -> "nothing";
      case MappingNode _ -> "a map";
      case SequenceNode _ -> "a list";
      case ScalarNode scalar -> scalar.getValue();
      default -> node.getNodeType().toString();
    };
  }
}
