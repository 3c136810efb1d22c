package io.nioring.cli;

import java.io.IOException;
import java.nio.file.FileSystemException;
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
      clearUnknown(columns);
      rows.add(columns);
    }
    return rows;
  }

  /** The rows of the MBean have numbers that cannot be null, and texts that are empty. */
  private static void clearUnknown(Map<String, Object> columns) {
    for (String each : List.of("ageMillis", "opened", "lastSendMillis", "lastReceiveMillis")) {
      clearIf(-1, columns, each);
    }
    clearIf(0, columns, "connection");
    clearIf(0, columns, "selector");
    for (String each : List.of("openedAt", "localHost", "peerHost", "fault", "simulatedConnect")) {
      if ("".equals(columns.get(each))) {
        columns.put(each, null);
      }
    }
    if (columns.get("waitingThread") == null) {
      columns.replace("waitingMillis", null);
    }
    if (columns.get("selector") == null) {
      columns.replace("interest", null);
      columns.replace("ready", null);
    }
  }

  private static void clearIf(long none, Map<String, Object> columns, String name) {
    if (columns.get(name) instanceof Number number && number.longValue() == none) {
      columns.put(name, null);
    }
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
    // A file's exception has only the name as its message.
    return new CommandFailure(
        reason instanceof FileSystemException ? reason.toString() : message, failure);
  }
}
