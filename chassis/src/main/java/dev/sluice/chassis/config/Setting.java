package dev.sluice.chassis.config;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * One setting, on the component of a configuration record. Every component has one, but those that
 * are {@link Inlined}.
 *
 * <p>Types: {@code int}, {@code long}, {@code double}, {@code boolean}, {@code String}, {@code
 * Duration}, {@link ByteSize}, {@link Bitrate}, {@link Cidr}, {@link HostPort}, {@link HttpRoot},
 * {@link RtmpRoot}, {@link java.net.InetAddress}, {@link Secret}, an enum (written in lower case
 * with dashes), a record, {@code List} and {@code Map<String, T>} of these. A list or map that is
 * not given is empty; a record that is not given is made of its defaults; a component marked
 * {@code @Nullable} is then null.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {
  /** The value of {@link #def} that means: the operator must give one. */
  String REQUIRED = "\0required";

  /** What it means, one sentence. */
  String doc();

  /**
   * The default as it would be written in the file; lists are written {@code a, b}. Of a record:
   * {@code key: value, key: value}, the defaults that are others here than the record itself has.
   */
  String def() default REQUIRED;

  /** {@code from..to}, both included and with units, either may be left out; empty = any. */
  String range() default "";

  /** A value to show in the manual when there is no default. */
  String example() default "";

  /** Whether only an expert would touch it; such settings have a table of their own. */
  boolean expert() default false;

  /** The whole key that it had before, which who still writes it is told; empty = none. */
  String was() default "";
}
