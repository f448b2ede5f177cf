package dev.sluice.chassis.config;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Instead of {@link Setting} on a component that is a record: its keys are written beside those of
 * the record that has it, not below a key of its own. So several configurations share settings and
 * the file stays flat. No two keys of one place may have the same name.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Inlined {}
