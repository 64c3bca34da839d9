@echo off
rem Double click on Windows: sets up and starts, as `python3 run.py` does.
chcp 65001 >nul
cd /d "%~dp0"
where py >nul 2>nul && (py -3 run.py %*) || (python run.py %*)
if errorlevel 1 pause
