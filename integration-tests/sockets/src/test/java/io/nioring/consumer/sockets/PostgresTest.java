package io.nioring.consumer.sockets;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.nioring.consumer.Loopback;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** PostgreSQL's driver, at a server that knows the start-up and simple queries. */
class PostgresTest {
  private static final int TEXT_TYPE = 25;

  @Test
  void queriesAreAnswered() throws Exception {
    try (FakeServer server = new FakeServer(PostgresTest::speak)) {
      DriverWork.of(
          "jdbc:postgresql://"
              + Loopback.URL_HOST
              + ":"
              + server.port()
              + "/test?sslmode=disable&gssEncMode=disable&preferQueryMode=simple",
          "app",
          "");
    }
  }

  private static void speak(DataInputStream in, DataOutputStream out) throws IOException {
    in.skipNBytes(in.readInt() - 4); // version, user, database and further parameters
    message(out, 'R', "\0\0\0\0");
    message(out, 'S', "server_version\00014.0\0");
    message(out, 'S', "server_encoding\0UTF8\0");
    message(out, 'S', "client_encoding\0UTF8\0");
    message(out, 'S', "DateStyle\0ISO, MDY\0");
    message(out, 'S', "TimeZone\0UTC\0");
    message(out, 'S', "integer_datetimes\0on\0");
    message(out, 'S', "standard_conforming_strings\0on\0");
    message(out, 'K', "\0\0\0\1\0\0\0\1");
    ready(out);
    while (in.readByte() == 'Q') {
      byte[] query = in.readNBytes(in.readInt() - 4);
      answer(new String(query, 0, query.length - 1, UTF_8), out);
      ready(out);
    }
  }

  private static void answer(String query, DataOutputStream out) throws IOException {
    if (DriverWork.isQuery(query)) {
      String text = DriverWork.literal(query);
      message(out, 'T', description());
      message(out, 'D', row(text.getBytes(UTF_8)));
      message(out, 'C', "SELECT 1\0");
    } else {
      message(out, 'C', "SET\0");
    }
  }

  private static byte[] description() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream column = new DataOutputStream(bytes);
    column.writeShort(1);
    column.write("text\0".getBytes(UTF_8));
    column.writeInt(0); // no table
    column.writeShort(0);
    column.writeInt(TEXT_TYPE);
    column.writeShort(-1); // of any size
    column.writeInt(-1);
    column.writeShort(0); // as text
    return bytes.toByteArray();
  }

  private static byte[] row(byte[] value) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream row = new DataOutputStream(bytes);
    row.writeShort(1);
    row.writeInt(value.length);
    row.write(value);
    return bytes.toByteArray();
  }

  private static void ready(DataOutputStream out) throws IOException {
    message(out, 'Z', "I");
    out.flush();
  }

  private static void message(DataOutputStream out, char type, String body) throws IOException {
    message(out, type, body.getBytes(UTF_8));
  }

  private static void message(DataOutputStream out, char type, byte[] body) throws IOException {
    out.writeByte(type);
    out.writeInt(body.length + 4);
    out.write(body);
  }
}
