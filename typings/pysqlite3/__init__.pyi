from pysqlite3 import dbapi2 as dbapi2
from pysqlite3.dbapi2 import sqlite_version as sqlite_version
from pysqlite3.dbapi2 import sqlite_version_info as sqlite_version_info
