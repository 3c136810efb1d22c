package io.nioring.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.JMRuntimeException;
import javax.management.MBeanException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;

/** The MBean of a network in another JVM. */
final class NetworkBean {
  /** The most sockets that a network lists at once. */
  static final int MOST_ROWS = 10_000;

  private static final Pattern OPTION = Pattern.compile("(\\w+)=([^,}]*)");

  private final MBeanServerConnection server;
  private final ObjectName bean;

  NetworkBean(MBeanServerConnection server, ObjectName bean) {
    this.server = server;
    this.bean = bean;
  }

  /** The name of the network. */
  String name() {
    return bean.getKeyProperty("name");
  }

  String text(String attribute) {
    return String.valueOf(attribute(attribute));
  }

  long number(String attribute) {
    return ((Number) attribute(attribute)).longValue();
  }

  boolean is(String attribute) {
    return (boolean) attribute(attribute);
  }

  List<String> lines(String attribute) {
    return List.of((String[]) attribute(attribute));
  }

  private Object attribute(String name) {
    try {
      return server.getAttribute(bean, name);
    } catch (IOException | JMException | JMRuntimeException e) {
      throw failure(e);
    }
  }

  /** The sockets, each as its columns by name; null for what is not known, or does not exist. */
  List<Map<String, Object>> connections(String filter) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (CompositeData row : (CompositeData[]) call("connections", filter, String.class)) {
      Map<String, Object> columns = new LinkedHashMap<>();
      row.getCompositeType().keySet().forEach(key -> columns.put(key, row.get(key)));
      columns.computeIfPresent("options", (key, text) -> options(text.toString()));
      rows.add(columns);
    }
    return rows;
  }

  /**
   * The values by the options' names, from a text such as <code>{SO_LINGER=0, TCP_NODELAY=true}
   * </code>.
   */
  private static Map<String, Object> options(String text) {
    Map<String, Object> options = new LinkedHashMap<>();
    Matcher each = OPTION.matcher(text);
    while (each.find()) {
      options.put(each.group(1), value(each.group(2)));
    }
    return options;
  }

  private static Object value(String word) {
    if (word.matches("true|false")) {
      return Boolean.valueOf(word);
    }
    return word.matches("-?\\d{1,18}") ? (Object) Long.valueOf(word) : word;
  }

  /** Calls an operation without arguments. */
  Object call(String operation) {
    return invoke(operation, new Object[0], new String[0]);
  }

  /** Calls an operation with one argument. */
  Object call(String operation, Object argument, Class<?> type) {
    return invoke(operation, new Object[] {argument}, new String[] {type.getName()});
  }

  private Object invoke(String operation, Object[] arguments, String[] types) {
    try {
      return server.invoke(bean, operation, arguments, types);
    } catch (IOException | JMException | JMRuntimeException e) {
      throw failure(e);
    }
  }

  /** The failure that the other side has reported, with its message. */
  private CommandFailure failure(Exception failure) {
    if (failure instanceof InstanceNotFoundException || failure instanceof IOException) {
      return new CommandFailure("the network " + name() + " is gone", failure);
    }
    boolean isTheirs = failure instanceof MBeanException || failure instanceof JMRuntimeException;
    Throwable reason = isTheirs && failure.getCause() != null ? failure.getCause() : failure;
    String message = reason.getMessage() == null ? reason.toString() : reason.getMessage();
    if (reason instanceof IllegalArgumentException) {
      return new UsageFailure(message, failure);
    }
    return new CommandFailure(
        reason instanceof FileSystemException file ? ofFile(file) : message, failure);
  }

  /** What is wrong with a file, of which its exception says only the name where its class tells. */
  private static String ofFile(FileSystemException failure) {
    if (failure instanceof NoSuchFileException) {
      return failure.getFile() + ": no such file or directory";
    } else if (failure instanceof AccessDeniedException) {
      return failure.getFile() + ": permission denied";
    }
    return failure.getReason() == null ? failure.toString() : failure.getMessage();
  }
}
