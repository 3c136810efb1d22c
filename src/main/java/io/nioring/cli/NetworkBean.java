package io.nioring.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.RuntimeMBeanException;
import javax.management.openmbean.CompositeData;

/** The MBean of a network in another JVM. */
final class NetworkBean {
  private final MBeanServerConnection server;
  private final ObjectName bean;

  NetworkBean(MBeanServerConnection server, ObjectName bean) {
    this.server = server;
    this.bean = bean;
  }

  /** What the network is called there. */
  String name() {
    return bean.getKeyProperty("name");
  }

  String text(String attribute) {
    return String.valueOf(attribute(attribute));
  }

  long number(String attribute) {
    return ((Number) attribute(attribute)).longValue();
  }

  List<String> lines(String attribute) {
    return List.of((String[]) attribute(attribute));
  }

  private Object attribute(String name) {
    try {
      return server.getAttribute(bean, name);
    } catch (IOException | JMException e) {
      throw failure(e);
    }
  }

  /** Sockets, each as its columns by name. */
  List<Map<String, Object>> connections(String filter) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (CompositeData row : (CompositeData[]) call("connections", filter, String.class)) {
      Map<String, Object> columns = new LinkedHashMap<>();
      row.getCompositeType().keySet().forEach(key -> columns.put(key, row.get(key)));
      rows.add(columns);
    }
    return rows;
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
    } catch (IOException | JMException | RuntimeMBeanException e) {
      throw failure(e);
    }
  }

  /** What the other side has refused, in its own words. */
  private CommandFailure failure(Exception failure) {
    if (failure instanceof InstanceNotFoundException || failure instanceof IOException) {
      return new CommandFailure("the network " + name() + " is gone", failure);
    }
    boolean isTheirs =
        failure instanceof MBeanException || failure instanceof RuntimeMBeanException;
    Throwable reason = isTheirs && failure.getCause() != null ? failure.getCause() : failure;
    String message = reason.getMessage() == null ? reason.toString() : reason.getMessage();
    return new CommandFailure(message, failure);
  }
}
