package io.nioring;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.GenericDeclaration;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One type as its users see it, in lines of text: what it is, and under that its members in
 * alphabetical order. The text is the same on every JDK.
 */
final class ApiDescription {

  private ApiDescription() {}

  /** Whether a type can be named outside its package: it and all around it are open. */
  static boolean isVisible(Class<?> type) {
    Class<?> outer = type.getEnclosingClass();
    return isVisible(type.getModifiers())
        && !type.isAnonymousClass()
        && (outer == null || isVisible(outer));
  }

  private static boolean isVisible(int modifiers) {
    return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
  }

  static List<String> of(Class<?> type) {
    List<String> lines = new ArrayList<>();
    lines.add(head(type));
    Stream.of(
            members(type.getDeclaredFields(), ApiDescription::field),
            members(type.getDeclaredConstructors(), ApiDescription::constructor),
            members(type.getDeclaredMethods(), ApiDescription::method))
        .flatMap(Function.identity())
        .sorted()
        .forEach(line -> lines.add("  " + line));
    return lines;
  }

  private static <M extends Member> Stream<String> members(M[] members, Function<M, String> text) {
    return Arrays.stream(members)
        .filter(member -> isVisible(member.getModifiers()) && !member.isSynthetic())
        .map(text);
  }

  private static String head(Class<?> type) {
    return words(
        deprecation(type),
        Modifier.toString(type.getModifiers() & Modifier.classModifiers()),
        isSealed(type) ? "sealed" : "",
        kind(type),
        type.getName() + typeParameters(type) + recordComponents(type),
        clause("extends", superclass(type)),
        clause(type.isInterface() ? "extends" : "implements", type.getGenericInterfaces()));
  }

  private static boolean isSealed(Class<?> type) {
    return type.isSealed() && !type.isEnum(); // an enum with bodies is sealed by the compiler
  }

  private static String kind(Class<?> type) {
    if (type.isAnnotation()) {
      return "@interface";
    } else if (type.isInterface()) {
      return "interface";
    } else if (type.isEnum()) {
      return "enum";
    }
    return type.isRecord() ? "record" : "class";
  }

  /** Returns the superclass if it tells anything, else nothing. */
  private static Type[] superclass(Class<?> type) {
    Type superclass = type.getGenericSuperclass();
    boolean isImplied =
        superclass == null || superclass == Object.class || type.isEnum() || type.isRecord();
    return isImplied ? new Type[0] : new Type[] {superclass};
  }

  private static String recordComponents(Class<?> type) {
    if (!type.isRecord()) {
      return "";
    }
    return Arrays.stream(type.getRecordComponents())
        .map(ApiDescription::recordComponent)
        .collect(Collectors.joining(", ", "(", ")"));
  }

  private static String recordComponent(RecordComponent component) {
    return component.getGenericType().getTypeName() + " " + component.getName();
  }

  private static String field(Field field) {
    return words(
        deprecation(field),
        field.isEnumConstant() ? "" : Modifier.toString(field.getModifiers()),
        field.isEnumConstant() ? "constant" : field.getGenericType().getTypeName(),
        field.getName());
  }

  private static String constructor(Constructor<?> constructor) {
    return words(
        deprecation(constructor),
        Modifier.toString(constructor.getModifiers() & Modifier.constructorModifiers()),
        typeParameters(constructor),
        constructor.getDeclaringClass().getSimpleName() + parameters(constructor),
        clause("throws", constructor.getGenericExceptionTypes()));
  }

  private static String method(Method method) {
    return words(
        deprecation(method),
        // That a method is synchronized or native is its own affair.
        Modifier.toString(
            method.getModifiers()
                & (Modifier.PUBLIC
                    | Modifier.PROTECTED
                    | Modifier.STATIC
                    | Modifier.ABSTRACT
                    | Modifier.FINAL)),
        method.isDefault() ? "default" : "",
        typeParameters(method),
        method.getGenericReturnType().getTypeName(),
        method.getName() + parameters(method),
        clause("throws", method.getGenericExceptionTypes()));
  }

  private static String parameters(Executable executable) {
    String list = "(" + joined(executable.getGenericParameterTypes(), ", ") + ")";
    return executable.isVarArgs() ? list.replace("[])", "...)") : list;
  }

  private static String typeParameters(GenericDeclaration generic) {
    return generic.getTypeParameters().length == 0
        ? ""
        : Arrays.stream(generic.getTypeParameters())
            .map(
                parameter ->
                    parameter.getName() + " extends " + joined(parameter.getBounds(), " & "))
            .collect(Collectors.joining(", ", "<", ">"));
  }

  private static String deprecation(AnnotatedElement element) {
    return element.isAnnotationPresent(Deprecated.class) ? "@Deprecated" : "";
  }

  private static String clause(String keyword, Type... types) {
    return types.length == 0 ? "" : keyword + " " + joined(types, ", ");
  }

  private static String joined(Type[] types, String separator) {
    return Arrays.stream(types).map(Type::getTypeName).collect(Collectors.joining(separator));
  }

  private static String words(String... words) {
    return Arrays.stream(words).filter(word -> !word.isEmpty()).collect(Collectors.joining(" "));
  }
}
