package dev.sluice.chassis.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The shape of a configuration record, found by reflection. */
sealed interface Schema {

  /** How the type is named in the manual. */
  String typeName();

  /**
   * One written value.
   *
   * @param parse throws IllegalArgumentException whose message says what was expected
   */
  record Scalar(String typeName, Function<String, Object> parse, boolean secret)
      implements Schema {}

  /** A record: keys in the order of its components. */
  record Group(Class<? extends Record> type, List<Part> parts) implements Schema {
    @Override
    public String typeName() {
      return "group";
    }

    /** Every key that is written at this place, those of inlined records in their turn. */
    List<Key> keys() {
      List<Key> keys = new ArrayList<>();
      for (Part part : parts) {
        switch (part) {
          case Key key -> keys.add(key);
          case Inline inline -> keys.addAll(inline.group().keys());
        }
      }
      return keys;
    }
  }

  /** A list. */
  record Sequence(Schema element) implements Schema {
    @Override
    public String typeName() {
      return "list of " + element.typeName();
    }
  }

  /** A map from names that the operator chooses. */
  record Table(Schema value) implements Schema {
    @Override
    public String typeName() {
      return "map of name to " + value.typeName();
    }
  }

  /** What one component of a record is. */
  sealed interface Part {}

  /**
   * One key of a group.
   *
   * @param def of the setting, or what the group's own setting puts in its place
   */
  record Key(String name, Schema schema, Setting setting, String def, boolean nullable)
      implements Part {}

  /** A record whose keys stand beside the others. */
  record Inline(Group group) implements Part {}

  /** The shape of a record. */
  static Group of(Class<? extends Record> type) {
    return of(type, Map.of());
  }

  /**
   * The shape of a record.
   *
   * @param defaults by key, which has one value, in place of those of the settings
   */
  private static Group of(Class<? extends Record> type, Map<String, String> defaults) {
    List<Part> parts = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      parts.add(part(type, component, defaults));
    }
    Group group = new Group(type, List.copyOf(parts));
    List<String> names = group.keys().stream().map(Key::name).toList();
    if (Set.copyOf(names).size() < names.size()) {
      throw new IllegalArgumentException(type + " has a key twice: " + names);
    }
    for (String name : defaults.keySet()) {
      if (group.keys().stream()
          .noneMatch(k -> k.name().equals(name) && k.schema() instanceof Scalar)) {
        throw new IllegalArgumentException(type + " has no key with one value named " + name);
      }
    }
    return group;
  }

  private static Part part(
      Class<? extends Record> in, RecordComponent component, Map<String, String> defaults) {
    String name = component.getName();
    if (component.isAnnotationPresent(Inlined.class)) {
      return new Inline(of(component.getType().asSubclass(Record.class)));
    }
    Setting setting = component.getAnnotation(Setting.class);
    if (setting == null) {
      throw new IllegalArgumentException(in + "." + name + " lacks @Setting");
    }
    boolean nullable = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
    Schema schema = of(component.getGenericType());
    if (schema instanceof Group group && !setting.def().equals(Setting.REQUIRED)) {
      schema = of(group.type(), defaults(setting.def()));
    }
    checkRange(in + "." + name, schema, setting.range());
    String def = defaults.getOrDefault(name, setting.def());
    return new Key(name, schema, setting, def, nullable);
  }

  /** A range that cannot be read is found by whoever reads any configuration with it. */
  private static void checkRange(String where, Schema schema, String range) {
    try {
      switch (schema) {
        case Scalar scalar -> Range.of(scalar, range);
        case Sequence sequence -> checkRange(where, sequence.element(), range);
        case Table table -> checkRange(where, table.value(), range);
        case Group _ when range.isEmpty() -> {}
        case Group _ -> throw new IllegalArgumentException("a group has no range");
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(where + " has the range " + range, e);
    }
  }

  /** Of a group's setting: {@code key: value, key: value}. */
  private static Map<String, String> defaults(String def) {
    Map<String, String> defaults = new LinkedHashMap<>();
    for (String one : def.split(",")) {
      int colon = one.indexOf(':');
      defaults.put(one.substring(0, colon).strip(), one.substring(colon + 1).strip());
    }
    return defaults;
  }

  private static Schema of(Type type) {
    if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      if (generic.getRawType() == List.class) {
        return new Sequence(of(arguments[0]));
      }
      if (generic.getRawType() == Map.class && arguments[0] == String.class) {
        return new Table(of(arguments[1]));
      }
    } else if (type instanceof Class<?> plain) {
      if (plain.isEnum()) {
        return choice(plain);
      }
      Schema scalar = scalar(plain);
      if (scalar != null) {
        return scalar;
      }
      if (plain.isRecord()) {
        return of(plain.asSubclass(Record.class));
      }
    }
    throw new IllegalArgumentException("no configuration value can have the type " + type);
  }

  private static @Nullable Schema scalar(Class<?> type) {
    if (type == int.class) {
      return new Scalar("int", number(Integer::valueOf, "a whole number"), false);
    } else if (type == long.class) {
      return new Scalar("int", number(Long::valueOf, "a whole number"), false);
    } else if (type == double.class) {
      return new Scalar("number", number(Schema::finite, "a number"), false);
    } else if (type == boolean.class) {
      return new Scalar("bool", Schema::bool, false);
    } else if (type == String.class) {
      return new Scalar("text", s -> s, false);
    } else if (type == Duration.class) {
      return new Scalar("duration", Quantity::parseDuration, false);
    } else if (type == ByteSize.class) {
      return new Scalar("size", ByteSize::parse, false);
    } else if (type == Bitrate.class) {
      return new Scalar("rate", Bitrate::parse, false);
    } else if (type == Cidr.class) {
      return new Scalar("network", Cidr::parse, false);
    } else if (type == HostPort.class) {
      return new Scalar("host:port", HostPort::parse, false);
    } else if (type == HttpRoot.class) {
      return new Scalar("URL", HttpRoot::parse, false);
    } else if (type == RtmpRoot.class) {
      return new Scalar("URL", RtmpRoot::parse, false);
    } else if (type == InetAddress.class) {
      return new Scalar("address", Schema::address, false);
    } else if (type == Secret.class) {
      return new Scalar("secret", Secret::parse, true);
    }
    return null;
  }

  private static Function<String, Object> number(Function<String, Object> parse, String expected) {
    return text -> {
      try {
        return parse.apply(text.strip().replace("_", ""));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(expected, e);
      }
    };
  }

  private static Object finite(String text) {
    double value = Double.parseDouble(text);
    if (!Double.isFinite(value)) {
      throw new NumberFormatException(text);
    }
    return value;
  }

  /** A literal; a name is never looked up. */
  private static Object address(String text) {
    return IpLiteral.parse(text.strip());
  }

  private static Object bool(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "true", "yes", "on" -> true;
      case "false", "no", "off" -> false;
      default -> throw new IllegalArgumentException("true or false");
    };
  }

  private static Schema choice(Class<?> type) {
    List<Object> constants = Arrays.<Object>asList(type.getEnumConstants());
    String all = constants.stream().map(Schema::written).collect(Collectors.joining(", "));
    return new Scalar(
        "one of " + all,
        text -> {
          for (Object constant : constants) {
            if (written(constant).equals(text.strip().toLowerCase(Locale.ROOT).replace('_', '-'))) {
              return constant;
            }
          }
          throw new IllegalArgumentException("one of: " + all);
        },
        false);
  }

  private static String written(Object constant) {
    return constant.toString().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
