package dev.sluice.media.amf;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A value of AMF0, or of the part of AMF3 that encoders send. Immutable. */
public sealed interface AmfValue {

  /** A number. AMF3 integers become numbers too. */
  record Num(double value) implements AmfValue {}

  /** True or false. */
  record Bool(boolean value) implements AmfValue {}

  /** A string; long strings and XML documents too. */
  record Str(String value) implements AmfValue {}

  /** An anonymous object (marker 0x03), properties in wire order. */
  record Obj(Map<String, AmfValue> properties) implements AmfValue {
    /** Copies the properties, keeping their order. */
    public Obj {
      properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
    }
  }

  /** An object of a named class (marker 0x10). */
  record TypedObj(String className, Map<String, AmfValue> properties) implements AmfValue {
    /** Copies the properties, keeping their order. */
    public TypedObj {
      properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
    }
  }

  /** An ECMA array (marker 0x08): what players expect onMetaData to be. */
  record EcmaArray(Map<String, AmfValue> properties) implements AmfValue {
    /** Copies the properties, keeping their order. */
    public EcmaArray {
      properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
    }
  }

  /** A dense array (marker 0x0A). */
  record StrictArray(List<AmfValue> elements) implements AmfValue {
    /** Copies the elements. */
    public StrictArray {
      elements = List.copyOf(elements);
    }
  }

  /** A date in milliseconds since 1970-01-01 UTC. The obsolete time zone field is dropped. */
  record Date(double epochMs) implements AmfValue {}

  /** Bytes (AMF3 only). */
  @SuppressWarnings("ArrayRecordComponent") // compared by content below
  record Bytes(byte[] value) implements AmfValue {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Bytes(byte[] bytes) && Arrays.equals(value, bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(value);
    }
  }

  /** The values that hold nothing. */
  enum Nothing implements AmfValue {
    /** Null. */
    NULL,
    /** Undefined. */
    UNDEFINED
  }

  /** A number. */
  static AmfValue of(double value) {
    return new Num(value);
  }

  /** A string. */
  static AmfValue of(String value) {
    return new Str(value);
  }

  /** A boolean. */
  static AmfValue of(boolean value) {
    return new Bool(value);
  }

  /** The string, or {@code fallback} when this is no string. */
  default String asString(String fallback) {
    return this instanceof Str(String value) ? value : fallback;
  }

  /** The number, or {@code fallback} when this is no number. */
  default double asNumber(double fallback) {
    return this instanceof Num(double value) ? value : fallback;
  }

  /** The boolean, or {@code fallback} when this is no boolean. */
  default boolean asBoolean(boolean fallback) {
    return this instanceof Bool(boolean value) ? value : fallback;
  }

  /** The properties of any kind of object or ECMA array; empty for other values. */
  default Map<String, AmfValue> asProperties() {
    return switch (this) {
      case Obj(Map<String, AmfValue> properties) -> properties;
      case TypedObj(String name, Map<String, AmfValue> properties) -> properties;
      case EcmaArray(Map<String, AmfValue> properties) -> properties;
      case Num n -> Map.of();
      case Bool b -> Map.of();
      case Str s -> Map.of();
      case StrictArray a -> Map.of();
      case Date d -> Map.of();
      case Bytes b -> Map.of();
      case Nothing n -> Map.of();
    };
  }
}
